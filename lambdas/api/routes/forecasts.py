"""What will be sold in the coming days."""

import datetime as dt
import re
from dataclasses import dataclass
from http import HTTPStatus
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Response
from pydantic import BaseModel, BeforeValidator

from flux_core.logs import logger
from flux_core.metrics import count
from flux_core.tenancy import RestaurantId
from flux_core.vocabulary import CACHE_HITS, CACHE_MISSES

from ..errors import refused
from ..identity import refusal, require_caller
from ..services import Services
from ..tokens import Caller

DEFAULT_DAYS = 7
MAX_DAYS = 31
CACHE_SECONDS = 60  # forecasts change once a night; a minute is short enough to see a repeated run
TODAY_SECONDS = 30  # for so long after its close of day a restaurant may still be shown the day before

# A day may have been forecast by several nights' runs; the newest one counts.
_QUERY = """
    SELECT DISTINCT ON (forecast.date, forecast.menu_item_id)
        forecast.date, forecast.menu_item_id, item.name AS menu_item, forecast.quantity::float8, forecast.lower::float8,
        forecast.upper::float8, run.model_version, forecast.drivers
    FROM forecasts forecast
    JOIN forecast_runs run USING (restaurant_id, business_date)
    JOIN menu_items item ON item.restaurant_id = forecast.restaurant_id AND item.id = forecast.menu_item_id
    WHERE forecast.date BETWEEN %(first)s AND %(last)s
    ORDER BY forecast.date, forecast.menu_item_id, forecast.business_date DESC
"""


_TODAY = "SELECT business_day(now(), timezone, close_of_day) AS date FROM restaurants"


@dataclass(frozen=True, kw_only=True)
class _Today:
    date: dt.date


class Forecast(BaseModel):
    """One menu item on one day of the restaurant's calendar, in sold units; `lower` to `upper` is the interval."""

    date: dt.date
    menu_item_id: UUID
    menu_item: str
    quantity: float
    lower: float
    upper: float
    model_version: str
    drivers: dict[str, float]


class Forecasts(BaseModel):
    """By day, then by menu item."""

    items: list[Forecast]


def _iso_date(value: object) -> object:
    """Only YYYY-MM-DD: pydantic alone would also read a number as seconds since 1970."""
    if isinstance(value, str) and re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", value) is None:
        raise ValueError("must be a date like 2026-11-23")
    return value


IsoDate = Annotated[dt.date, BeforeValidator(_iso_date)]


def build_router(services: Services) -> APIRouter:
    """`/forecasts`."""
    router = APIRouter()
    caller_of = require_caller(services.tokens)

    @router.get("/forecasts", response_model=Forecasts)
    async def forecasts(
        caller: Annotated[Caller, Depends(caller_of)],
        first: Annotated[IsoDate | None, Query(alias="from")] = None,
        last: Annotated[IsoDate | None, Query(alias="to")] = None,
    ) -> Response:
        first = first or _today(services, RestaurantId(caller.restaurant_id))
        first, last = _span(first, last)
        key = f"forecasts:{caller.restaurant_id}:{first}:{last}"
        content = _cached(services, key)
        if content is None:
            found = _read(services, RestaurantId(caller.restaurant_id), first, last)
            content = found.model_dump_json().encode()
            if found.items:  # an empty answer is not kept: a restaurant's first forecasts are shown at once
                services.cache.set(key, content, seconds=CACHE_SECONDS)
        return Response(content, media_type="application/json")

    return router


def _cached(services: Services, key: str) -> bytes | None:
    known = services.cache.get(key)
    count(CACHE_MISSES if known is None else CACHE_HITS)
    return known


def _read(services: Services, restaurant_id: RestaurantId, first: dt.date, last: dt.date) -> Forecasts:
    return Forecasts(items=services.database.read(restaurant_id, _QUERY, {"first": first, "last": last}, Forecast))


def _today(services: Services, restaurant_id: RestaurantId) -> dt.date:
    """The restaurant's own business day: not the date in UTC, which is tomorrow on an evening in California."""
    key = f"today:{restaurant_id}"
    known = _cached(services, key)
    if known is not None:
        return dt.date.fromisoformat(known.decode())
    days = services.database.read(restaurant_id, _TODAY, {}, _Today)
    if not days:
        logger.info("token refused", extra={"reason": "its restaurant is gone"})
        raise refusal("The token is of a restaurant that Flux does not know any more.")
    today = days[0].date
    services.cache.set(key, today.isoformat().encode(), seconds=TODAY_SECONDS)
    return today


def _span(first: dt.date, last: dt.date | None) -> tuple[dt.date, dt.date]:
    """Both days included; by default seven."""
    try:
        last = last or first + dt.timedelta(days=DEFAULT_DAYS - 1)
    except OverflowError:
        last = dt.date.max
    if not 0 <= (last - first).days < MAX_DAYS:
        detail = f"`from` must not be after `to`, and they may span {MAX_DAYS} days at the most."
        raise refused(HTTPStatus.UNPROCESSABLE_ENTITY, detail)
    return first, last
