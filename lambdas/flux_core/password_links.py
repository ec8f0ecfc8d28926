"""Links by which somebody who may sign in chooses a password, once (docs/decisions/0072)."""

import datetime as dt
import hashlib
from uuid import UUID

from psycopg import Cursor
from psycopg.rows import TupleRow

from .tenancy import RestaurantId

# Long enough to reach somebody by telephone or post box, short enough to be forgotten safely.
LINK_HOURS = 24

_LINK = """
    INSERT INTO password_links (restaurant_id, user_id, token_hash, expires_at)
    VALUES (%(restaurant_id)s, %(user_id)s, %(token_hash)s, now() + make_interval(hours => %(hours)s))
    ON CONFLICT (restaurant_id, user_id)
    DO UPDATE SET token_hash = excluded.token_hash, expires_at = excluded.expires_at, created_at = excluded.created_at
    RETURNING expires_at
"""


def hash_of(token: str) -> bytes:
    """What the database knows of a link: enough for a value that nobody can guess."""
    return hashlib.sha256(token.encode()).digest()


def put_link(cursor: Cursor[TupleRow], restaurant_id: RestaurantId, user_id: UUID, token_hash: bytes) -> dt.datetime:
    """Write it in the tenant's transaction, in the place of the user's link before; returns until when it works."""
    values = {"restaurant_id": restaurant_id, "user_id": user_id, "token_hash": token_hash, "hours": LINK_HOURS}
    (row,) = cursor.execute(_LINK, values).fetchall()
    expires_at: dt.datetime = row[0]
    return expires_at
