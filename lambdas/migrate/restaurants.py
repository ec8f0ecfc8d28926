"""Opening a restaurant: its row, and the owner who may sign in first.

The functions' role may read restaurants and users and write neither, so the schema's owner does it. Row-level security
holds for the owner too: it writes as the new tenant, and looks addresses up as `flux_lookup`, as signing in does.
"""

from dataclasses import dataclass
from typing import Annotated, Literal
from uuid import UUID

import psycopg
from psycopg.rows import TupleRow
from pydantic import BaseModel, ConfigDict, Secret, StringConstraints

from flux_core.addresses import Email
from flux_core.logs import logger
from flux_core.settings import Name
from flux_core.tenancy import SET_TENANT

from .errors import RefusedError
from .lookups import as_lookup

# Any constant will do; it is this one's own among the database's advisory locks. Held for one transaction, so that two
# requests for one address come one after the other.
_LOCK = 7_241_537


class OpenRestaurantRequest(BaseModel):
    """Open a restaurant with its owner.

    The rules are the tables' own, checked before PostgreSQL would: its refusal of a row quotes the whole row.

    time_zone: an IANA name, like "Europe/Rome"; a business day begins and ends in it.
    close_of_day: when a business day ends and the next one begins, HH:MM; what is paid before counts on the day before.
    owner_password_hash: Argon2id. The password itself never comes here.
    operator: who asks, for the log.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    action: Literal["open-restaurant"]
    name: Annotated[str, StringConstraints(min_length=1, max_length=200, pattern=r"^[^\x00-\x1f]+$")]
    time_zone: Annotated[str, StringConstraints(min_length=1, max_length=100, pattern=r"^[^\x00-\x1f]+$")]
    close_of_day: Annotated[str, StringConstraints(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$")] = "00:00"
    owner_email: Email
    owner_password_hash: Secret[
        Annotated[str, StringConstraints(max_length=200, pattern=r"^\$argon2id\$[^\x00-\x1f]+$")]
    ]
    operator: Name


@dataclass(frozen=True, kw_only=True)
class Opened:
    """restaurant_id: the tenant. opened: False if it was open already; then nothing changed, the password neither."""

    restaurant_id: str
    opened: bool


def open_restaurant(connection: psycopg.Connection[TupleRow], request: OpenRestaurantRequest) -> Opened:
    """Open it, or find it open.

    Raises:
        RefusedError: PostgreSQL knows no such time zone, or the address signs in for another restaurant. The message
            names the field and not its value, which is a person's and would stay in the log.
    """
    with connection.transaction():
        connection.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])
        known = _restaurant_of(connection, request.owner_email)
        if known is not None:
            return _found(connection, known, request)
        zone = connection.execute("SELECT FROM pg_timezone_names WHERE name = %s", [request.time_zone]).fetchone()
        if zone is None:
            raise RefusedError("time_zone: PostgreSQL knows no zone of that name; give an IANA name like Europe/Rome")
        restaurant_id = _insert(connection, request)
    logger.info("restaurant opened", extra={"restaurant_id": str(restaurant_id), "operator": request.operator})
    return Opened(restaurant_id=str(restaurant_id), opened=True)


def _restaurant_of(connection: psycopg.Connection[TupleRow], email: str) -> UUID | None:
    """The restaurant that an address signs in for, whichever it is; row-level security shows it to this role alone."""
    with as_lookup(connection):
        row = connection.execute("SELECT restaurant_id FROM public.users WHERE email = %s", [email]).fetchone()
    return None if row is None else row[0]


def _found(connection: psycopg.Connection[TupleRow], known: UUID, request: OpenRestaurantRequest) -> Opened:
    connection.execute(SET_TENANT, {"restaurant_id": known})
    same = connection.execute(
        "SELECT FROM restaurants JOIN users ON restaurant_id = restaurants.id "
        "WHERE name = %s AND email = %s AND role = 'owner' AND restaurants.active AND users.active",
        [request.name, request.owner_email],
    ).fetchone()
    if same is None:
        raise RefusedError(
            "owner_email: it is known already, for another restaurant, in another role or deactivated; an address "
            "signs in for one restaurant only, so give another one"
        )
    logger.info("restaurant was open already", extra={"restaurant_id": str(known), "operator": request.operator})
    return Opened(restaurant_id=str(known), opened=False)


def _insert(connection: psycopg.Connection[TupleRow], request: OpenRestaurantRequest) -> UUID:
    row = connection.execute("SELECT uuidv7()").fetchone()
    if row is None:
        raise RuntimeError("PostgreSQL gave no row for SELECT uuidv7()")
    restaurant_id: UUID = row[0]
    connection.execute(SET_TENANT, {"restaurant_id": restaurant_id})
    connection.execute(
        "INSERT INTO restaurants (id, name, timezone, close_of_day) VALUES (%s, %s, %s, %s)",
        [restaurant_id, request.name, request.time_zone, request.close_of_day],
    )
    connection.execute(
        "INSERT INTO users (restaurant_id, email, password_hash, role) VALUES (%s, %s, %s, 'owner')",
        [restaurant_id, request.owner_email, request.owner_password_hash.get_secret_value()],
    )
    return restaurant_id
