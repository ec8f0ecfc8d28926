"""Calling Square in a restaurant's name."""

from collections.abc import Callable

from flux_core.database import Database
from flux_core.logs import logger

from .connections import Connection
from .square_client import SquareClient, SquareUnauthorizedError, Tokens
from .square_orders import SquareOrder
from .tokens import TokenCipher


class SquareSession:
    """Square, with one connection's access token; when Square refuses it, it is refreshed once and kept."""

    def __init__(
        self, connection: Connection, *, database: Database, cipher: TokenCipher, square: SquareClient
    ) -> None:
        self._connection = connection
        self._database = database
        self._cipher = cipher
        self._square = square
        self._access_token: str | None = None
        self._refreshed = False

    def ask[Answer](self, request: Callable[[str], Answer]) -> Answer:
        """Send a request that takes the access token.

        Raises:
            SquareError: Square does not answer as it should.
            botocore.exceptions.ClientError: KMS does not decrypt the tokens.
        """
        if self._access_token is None:
            self._access_token = self._decrypt(self._connection.access_token)
        try:
            return request(self._access_token)
        except SquareUnauthorizedError:
            if self._refreshed:
                raise
        self._refreshed = True
        logger.info("access token refused; refreshing it", extra={"connection_id": str(self._connection.id)})
        tokens = self._square.refresh_tokens(self._decrypt(self._connection.refresh_token))
        self._keep(tokens)
        return request(tokens.access)

    def _keep(self, tokens: Tokens) -> None:
        tenant = self._connection.restaurant_id
        access, refresh = self._cipher.encrypt(tenant, tokens.access), self._cipher.encrypt(tenant, tokens.refresh)
        self._database.write(
            tenant,
            lambda cursor: cursor.execute(
                "UPDATE pos_connections SET access_token = %s, refresh_token = %s WHERE id = %s",
                [access, refresh, self._connection.id],
            ),
        )
        self._access_token = tokens.access

    def _decrypt(self, ciphertext: bytes) -> str:
        return self._cipher.decrypt(self._connection.restaurant_id, ciphertext)


class SquareOrders:
    """Orders at Square, each asked for in its restaurant's name."""

    def __init__(self, *, database: Database, cipher: TokenCipher, square: SquareClient) -> None:
        self._database = database
        self._cipher = cipher
        self._square = square

    def fetch(self, connection: Connection, order_id: str) -> SquareOrder:
        """One order.

        Raises:
            SquareError: it cannot be had, or is not valid.
        """
        session = SquareSession(connection, database=self._database, cipher=self._cipher, square=self._square)
        return session.ask(lambda token: self._square.order(token, order_id))
