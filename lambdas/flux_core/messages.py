"""What the queues carry. Every body is JSON with a `type`; anything else is malformed and ends in the DLQ."""

import datetime as dt
from typing import Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, JsonValue, TypeAdapter


class Message(BaseModel):
    """A message of Flux."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, hide_input_in_errors=True)


class SquareEvent(Message):
    """A webhook event whose signature was good, as Square sent it."""

    type: Literal["square.event"] = "square.event"
    event: dict[str, JsonValue]


class SyncTick(Message):
    """The schedule asks for an incremental sync of every connection."""

    type: Literal["sync.tick"]


class SyncConnection(Message):
    """One connection is to be brought up to date."""

    type: Literal["sync.connection"] = "sync.connection"
    connection_id: UUID


class ForecastTick(Message):
    """The schedule asks for the night's forecasts."""

    type: Literal["forecast.tick"]


class ForecastCensus(Message):
    """The schedule asks, when forecasts are due, how many restaurants have the night's."""

    type: Literal["forecast.census"]


class ForecastRestaurant(Message):
    """One restaurant's forecast: seven days that begin on `date`."""

    type: Literal["forecast.restaurant"] = "forecast.restaurant"
    restaurant_id: UUID
    date: dt.date


# Not told apart by a discriminator: what is wrong with a message is logged, and pydantic would quote its type.
type PosSyncMessage = SquareEvent | SyncTick | SyncConnection
type ForecastMessage = ForecastTick | ForecastCensus | ForecastRestaurant

_HIDDEN = ConfigDict(hide_input_in_errors=True)
POS_SYNC: TypeAdapter[PosSyncMessage] = TypeAdapter(PosSyncMessage, config=_HIDDEN)
FORECAST: TypeAdapter[ForecastMessage] = TypeAdapter(ForecastMessage, config=_HIDDEN)
