"""A link by which somebody who may sign in chooses a password, once.

For whom an operator knows; owners make the same for their team (api/routes/team.py).
"""

import datetime as dt
from dataclasses import dataclass
from typing import Annotated, Literal

import psycopg
from psycopg.rows import TupleRow
from pydantic import BaseModel, ConfigDict, Secret, StringConstraints

from flux_core.addresses import Email
from flux_core.logs import logger
from flux_core.password_links import put_link
from flux_core.settings import Name
from flux_core.tenancy import SET_TENANT

from .errors import RefusedError
from .lookups import as_lookup


class PasswordLinkRequest(BaseModel):
    """Let somebody choose a password anew.

    email: what they sign in with.
    token_hash: SHA-256 of the link's token, in hexadecimal digits. The token itself never comes here.
    operator: who asks, for the log.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    action: Literal["password-link"]
    email: Email
    token_hash: Secret[Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]]
    operator: Name


@dataclass(frozen=True, kw_only=True)
class LinkMade:
    """expires_at: until when it works, ISO 8601."""

    restaurant_id: str
    expires_at: str


def make_link(connection: psycopg.Connection[TupleRow], request: PasswordLinkRequest) -> LinkMade:
    """Make it; the one before it, if there is any, stops working. The password stays as it is until it is used.

    Raises:
        RefusedError: nobody who may sign in has the address. The message does not repeat it: it would stay in the log.
    """
    with connection.transaction():
        with as_lookup(connection):
            found = connection.execute(
                "SELECT u.id, u.restaurant_id FROM public.users u JOIN public.restaurants r ON r.id = u.restaurant_id "
                "WHERE u.email = %s AND u.active AND r.active",
                [request.email],
            ).fetchone()
        if found is None:
            raise RefusedError("email: nobody who may sign in has this address")
        user_id, restaurant_id = found
        connection.execute(SET_TENANT, {"restaurant_id": restaurant_id})
        token_hash = bytes.fromhex(request.token_hash.get_secret_value())
        expires_at = put_link(connection.cursor(), restaurant_id, user_id, token_hash)
    logger.info(
        "password link made",
        extra={"restaurant_id": str(restaurant_id), "user_id": str(user_id), "operator": request.operator},
    )
    until = expires_at.astimezone(dt.UTC).isoformat(timespec="minutes")
    return LinkMade(restaurant_id=str(restaurant_id), expires_at=until)
