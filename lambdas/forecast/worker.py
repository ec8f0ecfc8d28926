"""What each kind of message on the `forecast` queue asks for."""

import datetime as dt
from dataclasses import dataclass
from uuid import UUID

from flux_core.database import Database
from flux_core.logs import logger
from flux_core.messages import FORECAST, ForecastCensus, ForecastRestaurant, ForecastTick
from flux_core.metrics import count, record
from flux_core.queue import Queue
from flux_core.tenancy import RestaurantId
from flux_core.vocabulary import (
    FORECAST_ERROR,
    FORECASTS_LATE,
    FORECASTS_MADE,
    FORECASTS_UNUSUAL,
    RESTAURANTS_ACTIVE,
    RESTAURANTS_FORECAST,
)

from .history import read_history
from .model import Model
from .quality import error_percent, is_unusual, read_expected
from .store import store_run

# The model's version in a run that did not need the model.
NO_HISTORY = "none"


@dataclass(frozen=True, kw_only=True)
class _Restaurant:
    id: UUID


@dataclass(frozen=True, kw_only=True)
class _Census:
    active: int
    forecast: int


class ForecastWorker:
    """Takes messages, one at a time."""

    def __init__(self, *, database: Database, model: Model, queue: Queue, due_hour: int) -> None:
        """Build it. due_hour: UTC, of the business date."""
        self._database = database
        self._due = dt.time(due_hour, tzinfo=dt.UTC)
        self._model = model
        self._queue = queue

    def take(self, body: str, *, sent_at: dt.datetime) -> None:
        """Do what the message asks for; what it raises makes SQS deliver the message again.

        sent_at: when the message was first sent. It makes a tick's business date, so that a tick that is delivered
            again, even after midnight, keeps its date.

        Raises:
            pydantic.ValidationError: the message is malformed.
            QueueError: SQS did not accept the whole fan-out.
            ModelError: the model fails.
        """
        match FORECAST.validate_json(body):
            case ForecastTick():
                self._fan_out(sent_at.astimezone(dt.UTC).date())
            case ForecastCensus():
                self._take_census(sent_at.astimezone(dt.UTC))
            case ForecastRestaurant(restaurant_id=restaurant_id, date=date):
                with logger.append_context_keys(restaurant_id=str(restaurant_id)):
                    self._forecast(RestaurantId(restaurant_id), date)

    def _fan_out(self, date: dt.date) -> None:
        restaurants = self._database.look_up("SELECT id FROM list_active_restaurants()", {}, _Restaurant)
        sent = self._queue.send_all(ForecastRestaurant(restaurant_id=each.id, date=date) for each in restaurants)
        logger.info("forecasts fanned out", extra={"restaurants": sent, "date": str(date)})

    def _take_census(self, moment: dt.datetime) -> None:
        """Count which restaurants had the day's forecasts at that moment, however late the message is taken."""
        counted = self._database.look_up(
            "SELECT active, forecast FROM count_forecasts(%(date)s, %(moment)s)",
            {"date": moment.date(), "moment": moment},
            _Census,
        )[0]
        count(RESTAURANTS_ACTIVE, counted.active)
        count(RESTAURANTS_FORECAST, counted.forecast)
        logger.info("census taken", extra={"active": counted.active, "forecast": counted.forecast})

    def _forecast(self, restaurant_id: RestaurantId, date: dt.date) -> None:
        """Forecast one restaurant. Without history there is nothing to ask the model: its run has no forecasts."""
        history = read_history(self._database, restaurant_id, date)
        expected = read_expected(self._database, restaurant_id, date)
        version, predictions = NO_HISTORY, []
        if history:
            answer = self._model.forecast(history, date)  # outside any transaction: it takes seconds
            version, predictions = answer.model_version, answer.predictions
        stored = self._database.write(
            restaurant_id,
            lambda cursor: store_run(cursor, restaurant_id, date, model_version=version, predictions=predictions),
        )
        error = error_percent(expected, history)
        unusual = is_unusual(predictions, history, date) if predictions else False
        count(FORECASTS_MADE)
        count(FORECASTS_LATE, int(dt.datetime.now(dt.UTC) > dt.datetime.combine(date, self._due)))
        count(FORECASTS_UNUSUAL, int(unusual))
        if error is not None:
            record(FORECAST_ERROR, error)
        logger.info(
            "forecast stored",
            extra={
                "date": str(date),
                "forecasts": stored,
                "model_version": version,
                "unusual": unusual,
                "error_percent": None if error is None else round(error, 1),
            },
        )
