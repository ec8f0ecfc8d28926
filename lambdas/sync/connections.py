"""Restaurants' connections to Square."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from flux_core.database import Database
from flux_core.tenancy import RestaurantId

LONGEST_SILENCE = timedelta(hours=1)


class UnknownConnectionError(LookupError):
    """No active connection of an active restaurant matches."""


@dataclass(frozen=True, kw_only=True)
class Connection:
    """A connection, its tokens encrypted.

    location_ids: the places of the merchant that are this restaurant.
    token_refreshed_at, token_expires_at: of the access token; None where no release has asked yet.
    paused_until: Square is not asked before this.
    last_synced_at: all orders that Square updated before this are stored; None before the first sync is through.
    sync_reached: the update of the last order that an unfinished sync has stored; None while none is unfinished.
    sync_waits_until: the message to go on with it is on the queue, and no other run begins before this.
    """

    id: UUID
    restaurant_id: RestaurantId
    merchant_id: str
    location_ids: list[str]
    access_token: bytes = field(repr=False)
    refresh_token: bytes = field(repr=False)
    last_synced_at: datetime | None
    created_at: datetime
    token_refreshed_at: datetime | None = None
    token_expires_at: datetime | None = None
    paused_until: datetime | None = None
    sync_reached: datetime | None = None
    sync_waits_until: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class ConnectionKey:
    """Which connection, and whose; what the look-ups tell before a tenant is known."""

    id: UUID
    restaurant_id: RestaurantId


@dataclass(frozen=True, kw_only=True)
class _Number:
    number: int


class Connections:
    """Finds connections."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def of_merchant(self, merchant_id: str) -> list[Connection]:
        """The active connections that a webhook event may speak of: a merchant may be several restaurants."""
        keys = self._database.look_up(
            "SELECT id, restaurant_id FROM find_connection_by_merchant('square', %(merchant_id)s)",
            {"merchant_id": merchant_id},
            ConnectionKey,
        )
        return self._load(keys)

    def by_id(self, connection_id: UUID) -> Connection:
        """A connection that was active when its message was sent.

        Raises:
            UnknownConnectionError: it is active no more.
        """
        keys = self._database.look_up(
            "SELECT id, restaurant_id FROM find_connection(%(connection_id)s)",
            {"connection_id": connection_id},
            ConnectionKey,
        )
        for connection in self._load(keys):
            return connection
        raise UnknownConnectionError(f"connection {connection_id} is not active")

    def active(self) -> list[UUID]:
        """Every active connection."""
        keys = self._database.look_up("SELECT id, restaurant_id FROM list_active_connections()", {}, ConnectionKey)
        return [key.id for key in keys]

    def silent(self) -> int:
        """How many active connections have had no complete sync for an hour: four ticks."""
        rows = self._database.look_up(
            "SELECT count_silent_connections(%(longest)s) AS number", {"longest": LONGEST_SILENCE}, _Number
        )
        return sum(row.number for row in rows)  # a rehearsal's look-up finds none

    def _load(self, keys: list[ConnectionKey]) -> list[Connection]:
        return [connection for key in keys for connection in self._read(key)]

    def _read(self, key: ConnectionKey) -> list[Connection]:
        return self._database.read(
            key.restaurant_id,
            """
            SELECT id, restaurant_id, merchant_id, location_ids, access_token, refresh_token, last_synced_at,
                   created_at, token_refreshed_at, token_expires_at, paused_until,
                   sync_reached, sync_waits_until
            FROM pos_connections WHERE id = %(id)s
            """,
            {"id": key.id},
            Connection,
        )
