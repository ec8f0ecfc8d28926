"""Choosing a password: one's own anew, or one by a link that somebody handed over (docs/decisions/0072)."""

from dataclasses import dataclass
from functools import partial
from http import HTTPStatus
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Request
from psycopg import Cursor
from psycopg.rows import TupleRow
from pydantic import BaseModel, ConfigDict, StringConstraints

from flux_core.logs import logger
from flux_core.metrics import count
from flux_core.password_links import hash_of
from flux_core.tenancy import RestaurantId
from flux_core.vocabulary import SIGN_INS_REFUSED

from ..errors import ProblemError, refused
from ..identity import know, require_caller
from ..limits import viewer_address
from ..passwords import NewPassword, Password, hash_password, password_matches
from ..services import Services
from ..tokens import Caller
from .auth import begin_try

_USER = "SELECT email FROM users WHERE id = %(user_id)s"
_HASH = "SELECT password_hash FROM find_user_for_sign_in(%(email)s)"
_LINK = "SELECT id, restaurant_id, email FROM find_password_link(%(token_hash)s)"


class OwnPassword(BaseModel):
    """Another password for the one that is in use."""

    model_config = ConfigDict(strict=True, extra="forbid")

    current_password: Password
    new_password: NewPassword


class PasswordByLink(BaseModel):
    """A password for whom the link is for. token: what follows the # in the link."""

    model_config = ConfigDict(strict=True, extra="forbid")

    token: Annotated[str, StringConstraints(min_length=1, max_length=200, pattern=r"^[A-Za-z0-9_-]+$")]
    new_password: NewPassword


@dataclass(frozen=True, kw_only=True)
class _User:
    email: str


@dataclass(frozen=True, kw_only=True)
class _Known:
    password_hash: str


@dataclass(frozen=True, kw_only=True)
class _Bearer:
    id: UUID
    restaurant_id: UUID
    email: str


def build_router(services: Services) -> APIRouter:
    """`/auth/password` and `/auth/password-link`. Tokens that were issued before stay good until they end."""
    router = APIRouter()
    caller_of = require_caller(services.tokens)

    @router.put("/auth/password", status_code=HTTPStatus.NO_CONTENT)
    async def own(wanted: OwnPassword, request: Request, caller: Annotated[Caller, Depends(caller_of)]) -> None:
        restaurant_id = RestaurantId(caller.restaurant_id)
        users = services.database.read(restaurant_id, _USER, {"user_id": caller.sub}, _User)
        email = users[0].email if users else ""  # as the rehearsal's, of whom no table knows
        if users:
            begin_try(services, email, request)
        known = services.database.look_up(_HASH, {"email": email}, _Known)
        current = wanted.current_password.get_secret_value()
        if not password_matches(current, known[0].password_hash if known else None):
            count(SIGN_INS_REFUSED, reason="wrong")
            raise refused(HTTPStatus.UNPROCESSABLE_ENTITY, "The current password is wrong; nothing was changed.")
        new = wanted.new_password.get_secret_value()
        if new == current:
            raise refused(HTTPStatus.UNPROCESSABLE_ENTITY, "The new password is the current one; choose another.")
        services.database.write(restaurant_id, partial(_replace, user_id=caller.sub, hashed=hash_password(new)))
        _chosen(services, email, request, by="its user")

    @router.post("/auth/password-link", status_code=HTTPStatus.NO_CONTENT)
    async def by_link(wanted: PasswordByLink, request: Request) -> None:
        link = hash_of(wanted.token)
        found = services.database.look_up(_LINK, {"token_hash": link}, _Bearer)
        if not found:
            raise _spent()
        user = found[0]
        know(request)
        logger.append_keys(restaurant_id=str(user.restaurant_id), user_id=str(user.id))
        hashed = hash_password(wanted.new_password.get_secret_value())
        replace = partial(_replace, user_id=user.id, hashed=hashed, link=link)
        if not services.database.write(RestaurantId(user.restaurant_id), replace):
            raise _spent()
        _chosen(services, user.email, request, by="link")

    return router


def _replace(cursor: Cursor[TupleRow], *, user_id: UUID, hashed: str, link: bytes | None = None) -> bool:
    """Replace a password; False where its link was used up by somebody else.

    Whoever knows the password needs no link any more, so every one of the user's goes.
    """
    gone = cursor.execute("DELETE FROM password_links WHERE user_id = %s RETURNING token_hash", [user_id]).fetchall()
    if link is not None and (link,) not in gone:
        return False
    cursor.execute("UPDATE users SET password_hash = %s WHERE id = %s", [hashed, user_id])
    return True


def _chosen(services: Services, email: str, request: Request, *, by: str) -> None:
    logger.info("password changed", extra={"by": by})
    services.limits.succeeded(email, viewer_address(request.scope["aws.event"]))


def _spent() -> ProblemError:
    count(SIGN_INS_REFUSED, reason="wrong")
    return refused(HTTPStatus.GONE, "This link has been used, replaced or is too old; ask for another one.")
