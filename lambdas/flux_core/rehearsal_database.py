"""The database of a rehearsal: read as any other, and shown at the end of each transaction before it is rolled back."""

import re
from collections.abc import Mapping, Sequence
from typing import override
from uuid import UUID

from psycopg import Cursor
from psycopg.rows import TupleRow
from pydantic import JsonValue

from .database import Database
from .effects import Effects
from .rehearsal import RESTAURANT_ID, RESTAURANTS, SECOND_RESTAURANT_ID
from .secrets import Secrets
from .settings import DatabaseSettings
from .tenancy import RestaurantId

# What the rehearsal's restaurants are to the schema's look-ups, which leave out the inactive.
_CONNECTIONS: Sequence[Mapping[str, object]] = (
    {"id": UUID("0f1a0000-0000-4000-8000-000000000009"), "restaurant_id": RESTAURANT_ID, "merchant_id": "REHEARSAL"},
    {
        "id": UUID("0f1a0000-0000-4000-8000-000000000019"),
        "restaurant_id": SECOND_RESTAURANT_ID,
        "merchant_id": "SECOND",
    },
)

# All that a restaurant has. Of the rehearsal's restaurants it is little.
_STATE = """
    SELECT jsonb_build_object(
        'synced_at', (SELECT max(last_synced_at) FROM pos_connections),
        'sales', (
            SELECT coalesce(jsonb_agg(sale ORDER BY sale ->> 'order', sale ->> 'sold_at'), '[]') FROM (
                SELECT jsonb_build_object(
                    'order', provider_order_id, 'state', state, 'sold_at', sold_at AT TIME ZONE 'UTC',
                    'total', total_minor, 'currency', currency,
                    'lines', (
                        SELECT coalesce(jsonb_agg(
                            jsonb_build_array(name, menu_item_id, quantity::float8, item.total_minor) ORDER BY line
                        ), '[]')
                        FROM transaction_items item WHERE item.transaction_id = sold.id
                    )
                ) AS sale
                FROM transactions sold
            ) AS sales
        ),
        'runs', (SELECT coalesce(jsonb_agg(business_date ORDER BY business_date), '[]') FROM forecast_runs),
        'forecasts', (
            SELECT coalesce(jsonb_agg(
                jsonb_build_array(business_date, date, menu_item_id, quantity::float8)
                ORDER BY business_date, date, menu_item_id
            ), '[]')
            FROM forecasts
        )
    )
"""


class RehearsalDatabase(Database):
    """Rolls every write back once it is done.

    effects: told what each would have left: the restaurant, and all that it would have then. Of a restaurant that is
        not the rehearsal's only who it is.
    """

    _rolls_back = True

    def __init__(
        self, settings: DatabaseSettings, secrets: Secrets, *, statement_seconds: int, effects: Effects
    ) -> None:
        super().__init__(settings, secrets, statement_seconds=statement_seconds)
        self._effects = effects

    @override
    def look_up[Row](self, query: str, parameters: Mapping[str, object], row: type[Row]) -> list[Row]:
        """Ask PostgreSQL like any other, whose answer concerns real restaurants; return the rehearsal's own."""
        super().look_up(query, parameters, row)
        return [row(**found) for found in _found(query, parameters)]

    @override
    def _finish(self, restaurant_id: RestaurantId, cursor: Cursor[TupleRow]) -> None:
        state: JsonValue = None
        if restaurant_id in RESTAURANTS:
            found = cursor.execute(_STATE).fetchone()
            state = found[0] if found is not None else None
        self._effects.writes.append({"restaurant_id": str(restaurant_id), "state": state})


def _found(query: str, parameters: Mapping[str, object]) -> list[Mapping[str, object]]:
    asked = re.search(r"FROM (\w+)\(", query)
    wanted = {str(value) for value in parameters.values()}
    match asked and asked[1]:
        case "list_active_restaurants":
            return [{"id": restaurant_id} for restaurant_id in RESTAURANTS]
        case "count_forecasts":
            return [{"active": len(RESTAURANTS), "forecast": 0}]
        case "list_active_connections":
            return [_key(connection) for connection in _CONNECTIONS]
        case "find_connection" | "find_connection_by_merchant":
            return [
                _key(connection)
                for connection in _CONNECTIONS
                if wanted & {str(connection["id"]), str(connection["merchant_id"])}
            ]
        case _:
            return []


def _key(connection: Mapping[str, object]) -> Mapping[str, object]:
    return {"id": connection["id"], "restaurant_id": connection["restaurant_id"]}
