"""Who signs in for a restaurant: its owner invites people, gives them roles and lets them go."""

import datetime as dt
import secrets
from collections.abc import Callable
from http import HTTPStatus
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends
from psycopg import Cursor
from psycopg.rows import TupleRow, class_row
from pydantic import BaseModel, ConfigDict, Field

from flux_core.addresses import Email
from flux_core.logs import logger
from flux_core.password_links import hash_of, put_link
from flux_core.tenancy import RestaurantId

from ..errors import refused
from ..identity import require_caller
from ..passwords import hash_password
from ..services import Services
from ..tokens import Caller, Role

# More people than any kitchen has; whoever invites without end is no owner at work.
MOST_MEMBERS = 200

_MEMBER = "SELECT id, email, role, active, created_at FROM users"
_OWNERS = "SELECT id FROM users WHERE role = 'owner' AND active ORDER BY id FOR UPDATE"


class Member(BaseModel):
    """Somebody who signs in for the restaurant. active: may sign in."""

    id: UUID
    email: str
    role: Role
    active: bool
    created_at: dt.datetime


class Team(BaseModel):
    """Everybody, the first first; who may not sign in any more, too."""

    items: list[Member]


class Link(BaseModel):
    """What follows `/password#` in the link by which a member chooses a password, once; told this one time."""

    token: str
    expires_at: dt.datetime


class Invited(BaseModel):
    """A new member, and the link to hand over."""

    member: Member
    link: Link


class Invitation(BaseModel):
    """Whom to invite, and as what."""

    model_config = ConfigDict(extra="forbid")

    email: Email
    role: Role


class Change(BaseModel):
    """What becomes of a member; what is left out stays."""

    model_config = ConfigDict(extra="forbid")

    role: Role | None = None
    active: Annotated[bool, Field(strict=True)] | None = None


def build_router(services: Services) -> APIRouter:
    """`/team`, which everybody of the restaurant may read and its owners alone may change."""
    router = APIRouter()
    caller_of = require_caller(services.tokens)

    @router.get("/team")
    async def team(caller: Annotated[Caller, Depends(caller_of)]) -> Team:
        query = f"{_MEMBER} ORDER BY created_at, id"
        return Team(items=services.database.read(RestaurantId(caller.restaurant_id), query, {}, Member))

    @router.post("/team", status_code=HTTPStatus.CREATED)
    async def invite(invitation: Invitation, caller: Annotated[Caller, Depends(caller_of)]) -> Invited:
        # Nobody knows this password; the link replaces it.
        hashed = hash_password(secrets.token_urlsafe(32))
        invited = _as_owner(services, caller, lambda cursor: _invite(cursor, caller, invitation, hashed))
        logger.info("member invited", extra={"member_id": str(invited.member.id), "role": invited.member.role})
        return invited

    @router.patch("/team/{member_id}")
    async def change(member_id: UUID, wanted: Change, caller: Annotated[Caller, Depends(caller_of)]) -> Member:
        member = _as_owner(services, caller, lambda cursor: _change(cursor, member_id, wanted))
        extra = {"member_id": str(member_id), "role": member.role, "active": member.active}
        logger.info("member changed", extra=extra)
        return member

    @router.post("/team/{member_id}/password-link", status_code=HTTPStatus.CREATED)
    async def link(member_id: UUID, caller: Annotated[Caller, Depends(caller_of)]) -> Link:
        made = _as_owner(services, caller, lambda cursor: _link_for(cursor, caller, member_id))
        logger.info("password link made", extra={"member_id": str(member_id)})
        return made

    return router


def _as_owner[Result](services: Services, caller: Caller, work: Callable[[Cursor[TupleRow]], Result]) -> Result:
    """Work in one transaction, which the other owners' wait for. The table says who is an owner: a token is older."""

    def run(cursor: Cursor[TupleRow]) -> Result:
        if (caller.sub,) not in cursor.execute(_OWNERS).fetchall():
            raise refused(HTTPStatus.CONFLICT, "Only an owner of the restaurant may change its team.")
        return work(cursor)

    return services.database.write(RestaurantId(caller.restaurant_id), run)


def _invite(cursor: Cursor[TupleRow], caller: Caller, invitation: Invitation, hashed: str) -> Invited:
    (members,) = cursor.execute("SELECT count(*) FROM users").fetchall()[0]
    if members >= MOST_MEMBERS:
        raise refused(HTTPStatus.CONFLICT, f"A restaurant has at most {MOST_MEMBERS} members.")
    added = cursor.execute(
        "INSERT INTO users (restaurant_id, email, password_hash, role) VALUES (%s, %s, %s, %s) "
        "ON CONFLICT (email) DO NOTHING RETURNING id",
        [caller.restaurant_id, invitation.email, hashed, invitation.role],
    ).fetchone()
    if added is None:
        detail = "This address signs in to Flux already: in your team, or in another, where it cannot be in yours."
        raise refused(HTTPStatus.CONFLICT, detail)
    return Invited(member=_member(cursor, added[0]), link=_link(cursor, caller, added[0]))


def _change(cursor: Cursor[TupleRow], member_id: UUID, wanted: Change) -> Member:
    before = _member(cursor, member_id)
    cursor.execute(
        "UPDATE users SET role = coalesce(%s, role), active = coalesce(%s, active) WHERE id = %s",
        [wanted.role, wanted.active, member_id],
    )
    if not cursor.execute(_OWNERS).fetchall():
        detail = f"{before.email} is the only owner; make somebody else an owner first."
        raise refused(HTTPStatus.CONFLICT, detail)
    return _member(cursor, member_id)


def _link_for(cursor: Cursor[TupleRow], caller: Caller, member_id: UUID) -> Link:
    if not _member(cursor, member_id).active:
        detail = "This member may not sign in any more; let them sign in again first."
        raise refused(HTTPStatus.CONFLICT, detail)
    return _link(cursor, caller, member_id)


def _member(cursor: Cursor[TupleRow], member_id: UUID) -> Member:
    with cursor.connection.cursor(row_factory=class_row(Member)) as members:
        found = members.execute(f"{_MEMBER} WHERE id = %s", [member_id]).fetchone()
    if found is None:
        raise refused(HTTPStatus.NOT_FOUND, "Nobody in this restaurant's team has this id.")
    return found


def _link(cursor: Cursor[TupleRow], caller: Caller, member_id: UUID) -> Link:
    token = secrets.token_urlsafe(32)
    expires_at = put_link(cursor, RestaurantId(caller.restaurant_id), member_id, hash_of(token))
    return Link(token=token, expires_at=expires_at)
