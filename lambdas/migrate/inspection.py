"""What a database holds, in numbers that two databases can be compared by: the live one, and one from its backup.

Nothing is written. Rows are counted for a sample of restaurants, because counting all of them reads billions of rows:
on the live database that hurts users, and on a restored one RDS fetches each block from S3 first.
"""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

import psycopg
from psycopg import sql
from psycopg.rows import TupleRow

from flux_core.tenancy import SET_TENANT

from .errors import RefusedError
from .lookups import as_lookup
from .requests import InspectRequest

# Which of a table's rows were there at a moment; each condition stands in a query for one restaurant.
_AS_OF: Mapping[str, str] = {
    "restaurants": "created_at <= %(as_of)s",
    "users": "created_at <= %(as_of)s",
    "pos_connections": "created_at <= %(as_of)s",
    "pos_locations": "connection_id IN (SELECT id FROM pos_connections WHERE created_at <= %(as_of)s)",
    "menu_items": "created_at <= %(as_of)s",
    "transactions": "created_at <= %(as_of)s",
    "transaction_items": "transaction_id IN (SELECT id FROM transactions WHERE created_at <= %(as_of)s)",
    "forecast_runs": "finished_at <= %(as_of)s",
    "forecasts": "business_date IN (SELECT business_date FROM forecast_runs WHERE finished_at <= %(as_of)s)",
}
_LEFT_OUT = {
    "alembic_version",  # belongs to no restaurant
    "password_links",  # gone as soon as they are used: a backup rightly has others
}

# Rows of transactions are never deleted and keep their ids, which grow with time: the same twenty must be in a backup.
_LAST_SALES = """
    SELECT md5(string_agg(id::text, ',' ORDER BY id))
    FROM (SELECT id FROM transactions WHERE created_at <= %(as_of)s ORDER BY id DESC LIMIT 20) AS last
"""


@dataclass(frozen=True, kw_only=True)
class RestaurantRows:
    """One restaurant's rows that were there at the moment asked for.

    rows: their number by table. last_sales: digest of the ids of its last twenty sales; None without sales.
    """

    id: str
    rows: Mapping[str, int]
    last_sales: str | None


@dataclass(frozen=True, kw_only=True)
class Inspection:
    """What a database holds.

    revision: of its schema. restaurants: how many. table_bytes: size by table, without indexes.
    sample: the restaurants whose rows were counted.
    newest_sale, newest_forecast: when the sample's last sale and forecast were stored, ISO 8601; None without any.
    """

    revision: str
    restaurants: int
    table_bytes: Mapping[str, int]
    sample: tuple[RestaurantRows, ...]
    newest_sale: str | None
    newest_forecast: str | None


def inspect(connection: psycopg.Connection[TupleRow], request: InspectRequest) -> Inspection:
    """Look into a database as its owner, over a connection that can only read.

    Raises:
        RefusedError: a table is not known here, so its rows would go unchecked.
    """
    tables = _tables(connection)
    everyone = _restaurants(connection)
    chosen = _spread(everyone, request.sample) if request.restaurants is None else request.restaurants
    sample, sales, forecasts = [], [], []
    for restaurant in chosen:
        with connection.transaction(), connection.cursor() as cursor:
            cursor.execute(SET_TENANT, {"restaurant_id": restaurant})
            rows = {table: _count(cursor, table, request.as_of) for table in tables if table in _AS_OF}
            (last_sales,) = cursor.execute(_LAST_SALES, {"as_of": request.as_of}).fetchall()[0]
            sales.append(_newest(cursor, "SELECT created_at FROM transactions ORDER BY id DESC LIMIT 1"))
            forecasts.append(_newest(cursor, "SELECT max(finished_at) FROM forecast_runs"))
        sample.append(RestaurantRows(id=str(restaurant), rows=rows, last_sales=last_sales))
    return Inspection(
        revision=str(connection.execute("SELECT version_num FROM alembic_version").fetchall()[0][0]),
        restaurants=len(everyone),
        table_bytes=tables,
        sample=tuple(sample),
        newest_sale=_latest(sales),
        newest_forecast=_latest(forecasts),
    )


def _tables(connection: psycopg.Connection[TupleRow]) -> dict[str, int]:
    found = connection.execute(
        "SELECT relname, pg_table_size(oid) FROM pg_class"
        " WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p') ORDER BY relname"
    ).fetchall()
    tables = {str(name): int(size) for name, size in found if name not in _LEFT_OUT}
    unknown = sorted(set(tables) - set(_AS_OF))
    if unknown:
        raise RefusedError(
            f"tables {', '.join(unknown)}: nobody would notice if a backup lacked their rows; say in "
            "migrate/inspection.py which of their rows were there at a moment"
        )
    return tables


def _restaurants(connection: psycopg.Connection[TupleRow]) -> list[UUID]:
    """Every restaurant, inactive ones included; the role of the look-ups alone may see them all."""
    with as_lookup(connection):
        return [row[0] for row in connection.execute("SELECT id FROM restaurants ORDER BY id").fetchall()]


def _spread(everyone: Sequence[UUID], sample: int) -> Sequence[UUID]:
    """At most `sample` of them, from the oldest to the newest at even distances."""
    if len(everyone) <= sample:
        return everyone
    return [everyone[index * (len(everyone) - 1) // max(sample - 1, 1)] for index in range(sample)]


def _count(cursor: psycopg.Cursor[TupleRow], table: str, as_of: dt.datetime) -> int:
    query = sql.SQL("SELECT count(*) FROM {} WHERE {}").format(sql.Identifier(table), sql.SQL(_AS_OF[table]))
    (rows,) = cursor.execute(query, {"as_of": as_of}).fetchall()[0]
    return int(rows)


def _newest(cursor: psycopg.Cursor[TupleRow], query: str) -> dt.datetime | None:
    row = cursor.execute(query).fetchone()
    return None if row is None else row[0]


def _latest(moments: Sequence[dt.datetime | None]) -> str | None:
    known = [moment for moment in moments if moment is not None]
    return max(known).astimezone(dt.UTC).isoformat() if known else None
