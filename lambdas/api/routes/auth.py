"""Signing in."""

from dataclasses import dataclass, field, replace
from http import HTTPStatus
from typing import Literal
from uuid import UUID

from fastapi import APIRouter, Request
from pydantic import BaseModel, ConfigDict

from flux_core.addresses import Email
from flux_core.logs import logger
from flux_core.metrics import count
from flux_core.problems import Problem
from flux_core.rehearsal import OWNER_EMAIL, RESTAURANT_ID, is_rehearsal
from flux_core.token_key import LIFETIME_SECONDS
from flux_core.vocabulary import SIGN_INS_REFUSED

from .. import rehearsal
from ..errors import ProblemError, refused
from ..identity import know
from ..limits import viewer_address
from ..passwords import Password, password_matches
from ..services import Services
from ..tokens import Caller, Role


class SignIn(BaseModel):
    """Who wants in."""

    model_config = ConfigDict(strict=True, extra="forbid")

    email: Email
    password: Password


class Token(BaseModel):
    """A bearer token, and for how many seconds it is good."""

    access_token: str
    token_type: Literal["bearer"] = "bearer"  # noqa: S105 - a scheme, not a password
    expires_in: int = LIFETIME_SECONDS


@dataclass(frozen=True, kw_only=True)
class _User:
    id: UUID
    restaurant_id: UUID
    role: Role
    password_hash: str = field(repr=False)


_REHEARSAL = _User(id=rehearsal.USER_ID, restaurant_id=RESTAURANT_ID, role="owner", password_hash=rehearsal.HASHED)


def build_router(services: Services) -> APIRouter:
    """`/auth/token`."""
    router = APIRouter()

    @router.post("/auth/token")
    async def token(sign_in: SignIn, request: Request) -> Token:
        event = request.scope["aws.event"]
        rehearsed = is_rehearsal(event)  # the gate signs in to the same account again and again
        if not rehearsed:
            begin_try(services, sign_in.email, request)
        users = services.database.look_up(
            "SELECT id, restaurant_id, role, password_hash FROM find_user_for_sign_in(%(email)s)",
            {"email": sign_in.email},
            _User,
        )
        if rehearsed:
            users = [_REHEARSAL] if sign_in.email == OWNER_EMAIL else []
        elif services.probe is not None and sign_in.email == OWNER_EMAIL:
            users = [replace(_REHEARSAL, password_hash=services.probe.hashed())]
        user = users[0] if users else None
        if user is not None:
            know(request)
        known_hash = None if user is None else user.password_hash
        if not password_matches(sign_in.password.get_secret_value(), known_hash) or user is None:
            logger.info("sign-in refused")
            count(SIGN_INS_REFUSED, reason="wrong")
            raise refused(HTTPStatus.UNAUTHORIZED, "E-mail address or password is wrong.")
        logger.append_keys(restaurant_id=str(user.restaurant_id), user_id=str(user.id))
        if not rehearsed:
            services.limits.succeeded(sign_in.email, viewer_address(event))
        caller = Caller(sub=user.id, restaurant_id=user.restaurant_id, role=user.role)
        return Token(access_token=services.tokens.issue(caller))

    return router


def begin_try(services: Services, email: str, request: Request) -> None:
    """Count a try of an account's password, before it is looked at.

    Raises:
        ProblemError: it is one too many; with the seconds to wait.
    """
    wait = services.limits.begin(email, viewer_address(request.scope["aws.event"]))
    if wait is None:
        return
    logger.info("sign-in refused: too many tries")
    count(SIGN_INS_REFUSED, reason="too many tries")
    detail = f"This account was tried too often; wait {wait} seconds, then try again."
    problem = Problem(status=HTTPStatus.TOO_MANY_REQUESTS, detail=detail)
    raise ProblemError(problem, headers={"retry-after": str(wait)})
