"""Where a restaurant's sales come from, and whether they still come."""

import datetime as dt
from typing import Annotated, Literal

from fastapi import APIRouter, Depends
from pydantic import BaseModel

from flux_core.tenancy import RestaurantId

from ..identity import require_caller
from ..services import Services
from ..tokens import Caller

_QUERY = """
    SELECT provider, last_synced_at, revoked_at AS withdrawn_at, CASE
        WHEN active THEN 'active'
        WHEN revoked_at IS NOT NULL THEN 'access_withdrawn'
        ELSE 'inactive'
    END AS state
    FROM pos_connections
    ORDER BY created_at, id
"""


class Connection(BaseModel):
    """A connection to a point-of-sale system.

    state: `access_withdrawn`: the provider refuses Flux, and no sale comes until the owner connects again.
    last_synced_at: all sales before this are here; null before the first sync.
    withdrawn_at: since when Flux is refused.
    """

    provider: str
    state: Literal["active", "access_withdrawn", "inactive"]
    last_synced_at: dt.datetime | None
    withdrawn_at: dt.datetime | None


class Connections(BaseModel):
    """All of the restaurant's, the oldest first."""

    items: list[Connection]


def build_router(services: Services) -> APIRouter:
    """`/connections`."""
    router = APIRouter()
    caller_of = require_caller(services.tokens)

    @router.get("/connections")
    async def connections(caller: Annotated[Caller, Depends(caller_of)]) -> Connections:
        return Connections(items=services.database.read(RestaurantId(caller.restaurant_id), _QUERY, {}, Connection))

    return router
