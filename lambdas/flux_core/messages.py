"""What the queues carry. Every body is JSON with a `type`; anything else is malformed and ends in the DLQ."""

import datetime as dt
from typing import Annotated, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, JsonValue, TypeAdapter


class Message(BaseModel):
    """A message of Flux."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


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


class ForecastRestaurant(Message):
    """One restaurant's forecast: seven days that begin on `date`."""

    type: Literal["forecast.restaurant"] = "forecast.restaurant"
    restaurant_id: UUID
    date: dt.date


type PosSyncMessage = Annotated[SquareEvent | SyncTick | SyncConnection, Field(discriminator="type")]
type ForecastMessage = Annotated[ForecastTick | ForecastRestaurant, Field(discriminator="type")]

POS_SYNC: TypeAdapter[PosSyncMessage] = TypeAdapter(PosSyncMessage)
FORECAST: TypeAdapter[ForecastMessage] = TypeAdapter(ForecastMessage)
