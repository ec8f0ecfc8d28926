"""A restaurant's access to Square, as all workers share it: its tokens, a pause that Square imposed, and its end."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from psycopg import Cursor
from psycopg.rows import TupleRow, class_row

from flux_core.database import Database
from flux_core.logs import logger
from flux_core.metrics import count
from flux_core.vocabulary import CONNECTIONS_REVOKED

from .connections import Connection
from .square_client import SquareClient
from .square_faults import (
    SquareAccessRevokedError,
    SquareError,
    SquarePausedError,
    SquareUnavailableError,
)
from .tokens import TokenCipher

# "Renew OAuth access tokens every 7 days or less" (Square Developer, "Refresh, Revoke, and Limit the Scope of OAuth
# Tokens"): they live 30 days, so that weeks are left to mend what goes wrong.
RENEW_AFTER = timedelta(days=7)


@dataclass(frozen=True, kw_only=True)
class _Kept:
    """What the connection's row holds now."""

    access_token: bytes = field(repr=False)
    refresh_token: bytes = field(repr=False)
    paused_until: datetime | None
    active: bool


class Access:
    """Keeps the access of connections in PostgreSQL, where every worker finds it."""

    def __init__(
        self,
        *,
        database: Database,
        cipher: TokenCipher,
        square: SquareClient,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._database = database
        self._cipher = cipher
        self._square = square
        self._clock = clock

    def require_open(self, connection: Connection) -> None:
        """Leave Square alone while it, or its last failure, says so.

        Raises:
            SquarePausedError: it is still to be left alone.
        """
        _require_open(connection.paused_until, now=self._clock())

    def pause(self, connection: Connection, *, seconds: float) -> None:
        """Let no worker ask Square in this restaurant's name for so long. Other restaurants are not concerned."""
        until = self._clock() + timedelta(seconds=seconds)
        self._database.write(connection.restaurant_id, lambda cursor: _pause(cursor, connection, until))
        logger.warning(
            "Square is left alone for a while", extra={"connection_id": str(connection.id), "seconds": round(seconds)}
        )

    def end(self, connection: Connection) -> None:
        """Deactivate the connection: the owner has withdrawn our access, and is told so by the API."""
        now = self._clock()
        ended = self._database.write(
            connection.restaurant_id,
            lambda cursor: (
                cursor.execute(
                    "UPDATE pos_connections SET active = false, revoked_at = %s WHERE id = %s AND active",
                    [now, connection.id],
                ).rowcount
            ),
        )
        count(CONNECTIONS_REVOKED, ended)
        logger.warning(
            "access to Square was withdrawn; the connection is deactivated until the owner connects again",
            extra={"connection_id": str(connection.id)},
        )

    def is_old(self, connection: Connection) -> bool:
        """Whether the access token should be replaced, long before it expires."""
        since = connection.token_refreshed_at or connection.created_at
        age = RENEW_AFTER
        if connection.token_expires_at is not None:
            age = min(age, (connection.token_expires_at - since) / 2)  # short-lived tokens live for 24 hours
        return self._clock() >= since + age

    def renew(self, connection: Connection, *, known: bytes) -> bytes:
        """The ciphertext of another access token than `known`: one that another worker has got meanwhile, or a new one.

        One worker at a time asks for it; the others wait, and find what it got.

        Raises:
            SquareAccessRevokedError: Square gives none any more.
            SquareError: Square does not answer as it should.
        """

        def work(cursor: Cursor[TupleRow]) -> bytes | SquareError:
            cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"square {connection.id}"])
            kept = _read(cursor, connection)
            if kept is None or not kept.active:
                return SquareAccessRevokedError("the connection was deactivated meanwhile")
            if kept.access_token != known:
                return kept.access_token
            try:
                _require_open(kept.paused_until, now=self._clock())
                return self._obtain(cursor, connection, kept)
            except SquareUnavailableError as error:
                if not isinstance(error, SquarePausedError):
                    # In this transaction: who waits for the lock must know, before it asks the same.
                    _pause(cursor, connection, self._clock() + timedelta(seconds=error.seconds))
                return error
            except SquareError as error:
                return error

        outcome = self._database.write(connection.restaurant_id, work)
        if isinstance(outcome, SquareError):
            raise outcome
        return outcome

    def _obtain(self, cursor: Cursor[TupleRow], connection: Connection, kept: _Kept) -> bytes:
        tenant, now = connection.restaurant_id, self._clock()
        tokens = self._square.refresh_tokens(self._cipher.decrypt(tenant, kept.refresh_token))
        access, refresh = self._cipher.encrypt(tenant, tokens.access), self._cipher.encrypt(tenant, tokens.refresh)
        cursor.execute(
            """
            UPDATE pos_connections
            SET access_token = %s, refresh_token = %s, token_refreshed_at = %s, token_expires_at = %s
            WHERE id = %s
            """,
            [access, refresh, now, tokens.expires_at, connection.id],
        )
        logger.info("access token renewed", extra={"connection_id": str(connection.id)})
        return access


def _require_open(paused_until: datetime | None, *, now: datetime) -> None:
    if paused_until is not None and now < paused_until:
        seconds = (paused_until - now).total_seconds()
        raise SquarePausedError(
            f"Square is to be left alone for another {seconds:.0f} s", seconds=seconds, demanded=True
        )


def _pause(cursor: Cursor[TupleRow], connection: Connection, until: datetime) -> None:
    cursor.execute(
        "UPDATE pos_connections SET paused_until = greatest(paused_until, %s) WHERE id = %s", [until, connection.id]
    )


def _read(cursor: Cursor[TupleRow], connection: Connection) -> _Kept | None:
    with cursor.connection.cursor(row_factory=class_row(_Kept)) as reading:
        return reading.execute(
            "SELECT access_token, refresh_token, paused_until, active FROM pos_connections WHERE id = %s",
            [connection.id],
        ).fetchone()
