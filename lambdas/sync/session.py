"""Calling Square in a restaurant's name."""

from collections.abc import Callable

from flux_core.database import Database
from flux_core.logs import logger

from .access import Access
from .connections import Connection
from .square_client import SquareClient
from .square_faults import SquareAccessRevokedError, SquareError, SquareUnauthorizedError, SquareUnavailableError
from .square_orders import SquareOrder
from .tokens import TokenCipher

# A refused token may have been replaced by another worker, and that one be refused as well; the third is Square's word.
ATTEMPTS = 3


class SquareSession:
    """Square, with one connection's access token.

    When Square refuses the token, a new one is got and kept. When Square fails, it is left alone for a while, by all
    workers but in this restaurant's name only. When Square takes our access for withdrawn, the connection ends.
    """

    def __init__(
        self, connection: Connection, *, database: Database, cipher: TokenCipher, square: SquareClient
    ) -> None:
        self._connection = connection
        self._cipher = cipher
        self._access = Access(database=database, cipher=cipher, square=square)
        self._token = connection.access_token

    def renew_if_old(self) -> None:
        """Replace a token that still works, ahead of its end. While that fails, the old one is good enough.

        Raises:
            SquareUnavailableError: Square demands to be left alone.
        """
        self._access.require_open(self._connection)
        if not self._access.is_old(self._connection):
            return
        try:
            self._token = self._access.renew(self._connection, known=self._token)
        except SquareError as error:
            if isinstance(error, SquareUnavailableError) and error.demanded:
                raise
            logger.exception(
                "the access token is old and cannot be renewed; it is used as long as Square takes it",
                extra={"connection_id": str(self._connection.id), "reason": str(error)},
            )

    def ask[Answer](self, request: Callable[[str], Answer]) -> Answer:
        """Send a request that takes the access token.

        Raises:
            SquareUnavailableError: Square fails, or is to be left alone; nothing is wrong with the request.
            SquareAccessRevokedError: the owner has withdrawn our access; the connection is deactivated.
            SquareError: Square does not do it.
            botocore.exceptions.ClientError: KMS does not decrypt the tokens.
        """
        self._access.require_open(self._connection)
        try:
            return self._ask(request)
        except SquareAccessRevokedError:
            self._access.end(self._connection)
            raise
        except SquareUnavailableError as error:
            self._access.pause(self._connection, seconds=error.seconds)
            raise

    def _ask[Answer](self, request: Callable[[str], Answer]) -> Answer:
        for _ in range(ATTEMPTS - 1):
            try:
                return request(self._decrypt(self._token))
            except SquareUnauthorizedError:
                logger.info("access token refused", extra={"connection_id": str(self._connection.id)})
            self._token = self._access.renew(self._connection, known=self._token)
        try:
            return request(self._decrypt(self._token))
        except SquareUnauthorizedError as error:
            raise SquareAccessRevokedError(f"Square refuses tokens that it has just given: {error}") from error

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
