"""What the api's answers look like to those who read them: the site, and whoever holds an older page of it.

Written down a second time on purpose. A version may add members; one that leaves one out or changes its kind breaks the
pages that are open in kitchens, and its own models would not notice.
"""

import datetime as dt
from typing import Annotated, Literal
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field


class _Answer(BaseModel):
    model_config = ConfigDict(strict=True, extra="ignore")


class _Forecast(_Answer):
    date: dt.date
    menu_item_id: UUID
    menu_item: str
    quantity: float
    lower: float
    upper: float
    model_version: str
    drivers: dict[str, float]


class Forecasts(_Answer):
    """GET /forecasts for a span that has forecasts."""

    items: Annotated[list[_Forecast], Field(min_length=1)]


class AnyForecasts(_Answer):
    """GET /forecasts for the coming days, of which the rehearsal's restaurants have no forecasts."""

    items: list[_Forecast]


class _Line(_Answer):
    menu_item_id: UUID | None
    name: str
    quantity: float
    total: int


class _Transaction(_Answer):
    id: UUID
    provider: str
    provider_order_id: str
    sold_at: AwareDatetime
    total: int
    currency: str
    items: Annotated[list[_Line], Field(min_length=1)]


class Transactions(_Answer):
    """GET /transactions."""

    items: Annotated[list[_Transaction], Field(min_length=1)]
    next_cursor: str | None


class AnyTransactions(_Answer):
    """GET /transactions, of which there may be none left."""

    items: list[_Transaction]
    next_cursor: str | None


class _Connection(_Answer):
    provider: str
    state: str
    last_synced_at: AwareDatetime | None


class Connections(_Answer):
    """GET /connections."""

    items: Annotated[list[_Connection], Field(min_length=1)]


class _Member(_Answer):
    id: UUID
    email: str
    role: Literal["owner", "manager", "chef"]
    active: bool
    created_at: AwareDatetime


class Team(_Answer):
    """GET /team."""

    items: list[_Member]


class SignedIn(_Answer):
    """POST /auth/token."""

    access_token: str
    token_type: Literal["bearer"]
    expires_in: int


class Health(_Answer):
    """GET /health and GET /ready."""

    status: str


class Problem(_Answer):
    """Every error (RFC 9457)."""

    title: str
    status: int
    detail: str
