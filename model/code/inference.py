"""The demand model as SageMaker's scikit-learn container serves it (script mode's four functions, *_fn).

A request is one restaurant's. Its history is in order, ends before `start`, and leaves out days without a sale:
    {"instances": [{"menu_item_id": "...", "history": [{"date": "YYYY-MM-DD", "quantity": 3}, ...],
                    "start": "YYYY-MM-DD", "days": 7}, ...]}
The answer is in portions; quantity is the product of the drivers average, trend and weekday:
    {"model_version": "...", "predictions": [{"menu_item_id": "...", "forecasts": [
        {"date": "YYYY-MM-DD", "quantity": 3.2, "lower": 1.1, "upper": 5.9, "drivers": {...}}, ...]}, ...]}

The container's Python is older than the rest of Flux: standard library and Python 3.9 only.
"""

from __future__ import annotations

import json
import math
import pathlib
from datetime import date, timedelta
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

# More than any restaurant needs; a request beyond them is a mistake, and must not keep the endpoint from others.
MOST_INSTANCES = 1_000
MOST_HISTORY = 400  # days
MOST_DAYS = 31
MOST_PORTIONS = 1_000_000  # of one item on one day

# A weekday is a closing day when nothing was sold on its last four dates. Two dates are the least to go by.
CLOSED_AFTER = 4
CLOSED_AT_LEAST = 2

# Days of its own that a restaurant's weekday needs to outweigh the assumption that all weekdays are alike.
RESTAURANT_POOLING = 1.0


class InvalidRequestError(ValueError):
    """A request that has no honest answer; the message names the field and what it must be."""


class Parameters(NamedTuple):
    """What training chose (model/train.py).

    level_half_life, weekday_half_life: days after which a day counts half, for the level and for the weekdays' shape.
    pooling: how many days of its own an item's weekday needs to outweigh the restaurant's.
    dispersion, dispersion_days: variance per portion assumed before there are residuals, and its weight in days.
    lower_z, upper_z: standard deviations to the ends of the 80 % interval.
    """

    level_half_life: float
    weekday_half_life: float
    pooling: float
    dispersion: float
    dispersion_days: float
    lower_z: float
    upper_z: float


class Model(NamedTuple):
    """A trained model and the name its forecasts carry."""

    version: str
    parameters: Parameters


class Instance(NamedTuple):
    """One menu item's question: portions sold by day, and the days asked for."""

    menu_item_id: str
    sold: dict[date, float]
    start: date
    days: int


class Calendar(NamedTuple):
    """What all items of a restaurant say together.

    open_days: the days with any sale, in order.
    weekdays: how a weekday's sales compare with the average day's, Monday first.
    closed: weekdays, Monday is 0, on which the restaurant does not open.
    """

    open_days: list[date]
    weekdays: list[float]
    closed: list[int]


def model_fn(model_dir: str) -> Model:
    """Load the parameters."""
    content = json.loads((pathlib.Path(model_dir) / "parameters.json").read_text())
    return Model(version=content["model_version"], parameters=Parameters(**content["parameters"]))


def input_fn(request_body: str | bytes, request_content_type: str) -> list[Instance]:
    """Read and check a request."""
    if request_content_type.partition(";")[0].strip().lower() != "application/json":
        raise InvalidRequestError(f"content type {request_content_type!r} is not application/json")
    try:
        content = json.loads(request_body, parse_constant=_refuse_constant)
    except ValueError as error:
        raise InvalidRequestError(f"the request is not JSON: {error}") from error
    instances = content.get("instances") if isinstance(content, dict) else None
    if not isinstance(instances, list) or not 1 <= len(instances) <= MOST_INSTANCES:
        raise InvalidRequestError(f"instances must be a list of 1 to {MOST_INSTANCES}")
    read = [_read_instance(instance, f"instances[{number}]") for number, instance in enumerate(instances)]
    if len({instance.menu_item_id for instance in read}) != len(read):
        raise InvalidRequestError("instances must not name a menu_item_id twice")
    return read


def predict_fn(input_data: Sequence[Instance], model: Model) -> dict[str, object]:
    """Forecast every item."""
    calendar = read_calendar(input_data, model.parameters)
    return {
        "model_version": model.version,
        "predictions": [
            {"menu_item_id": item.menu_item_id, "forecasts": forecast(item, calendar, model.parameters)}
            for item in input_data
        ],
    }


def output_fn(prediction: Mapping[str, object], accept: str) -> tuple[str, str]:
    """Write the answer. `accept` is a wish that SageMaker passes on; there is only JSON."""
    del accept
    return json.dumps(prediction, allow_nan=False), "application/json"


def read_calendar(items: Sequence[Instance], parameters: Parameters) -> Calendar:
    """When the restaurant is open, and which of its weekdays are busy."""
    open_days = sorted({day for item in items for day, quantity in item.sold.items() if quantity > 0})
    sales = [_known(item, open_days) for item in items]
    weekdays = _weekday_factors(sales, [1.0] * 7, RESTAURANT_POOLING, parameters.weekday_half_life)
    return Calendar(open_days=open_days, weekdays=weekdays, closed=_closed_weekdays(open_days))


def forecast(item: Instance, calendar: Calendar, parameters: Parameters) -> list[dict[str, object]]:
    """One item's coming days."""
    known = _known(item, calendar.open_days)
    average = sum(quantity for _, quantity in known) / len(known) if known else 0.0
    weekdays = _weekday_factors([known], calendar.weekdays, parameters.pooling, parameters.weekday_half_life)
    deseasonalized = [(day, quantity / weekdays[day.weekday()]) for day, quantity in known]
    level = _recent_mean(deseasonalized, parameters.level_half_life)
    variance = _dispersion([(quantity, level * weekdays[day.weekday()]) for day, quantity in known], parameters)
    answers: list[dict[str, object]] = []
    for ahead in range(item.days):
        day = item.start + timedelta(days=ahead)
        weekday = 0.0 if day.weekday() in calendar.closed else weekdays[day.weekday()]
        quantity = level * weekday
        deviation = math.sqrt(variance * quantity)
        answers.append(
            {
                "date": day.isoformat(),
                "quantity": round(quantity, 2),
                "lower": round(max(0.0, quantity - parameters.lower_z * deviation), 2),
                "upper": round(quantity + parameters.upper_z * deviation, 2),
                "drivers": {
                    "average": round(average, 2),
                    "trend": round(level / average, 3) if average > 0 else 1.0,
                    "weekday": round(weekday, 3),
                    "history_days": float(len(known)),
                },
            }
        )
    return answers


def _known(item: Instance, open_days: Sequence[date]) -> list[tuple[date, float]]:
    """An item's demand by day: from its first sale on, an open day without a sale of it is a day with demand zero."""
    first = min((day for day, quantity in item.sold.items() if quantity > 0), default=None)
    return [(day, item.sold.get(day, 0.0)) for day in open_days if first is not None and day >= first]


def _weekday_factors(
    sales: Sequence[Sequence[tuple[date, float]]], prior: Sequence[float], pooling: float, half_life: float
) -> list[float]:
    """What items sold on each weekday over what they sell on their average day; recent days count more.

    `prior` counts like `pooling` more days of each weekday.
    """
    averages = [_recent_mean(known, half_life) for known in sales]
    expected = [pooling * sum(averages)] * 7
    sold = [factor * portions for factor, portions in zip(prior, expected)]  # noqa: B905 -- `strict` is Python 3.10's
    for known, average in zip(sales, averages):  # noqa: B905 -- as above
        for (day, quantity), weight in zip(known, _recency(known, half_life)):  # noqa: B905 -- as above
            expected[day.weekday()] += weight * average
            sold[day.weekday()] += weight * quantity
    if not sum(averages):
        return list(prior)
    # A weekday that never sold still divides the level: a small factor stands for "next to nothing".
    return [max(0.01, portions / average) for portions, average in zip(sold, expected)]  # noqa: B905 -- as above


def _recency(known: Sequence[tuple[date, float]], half_life: float) -> list[float]:
    """The weight of each day: 1 for the last, half of it for every half-life before."""
    return [0.5 ** ((known[-1][0] - day).days / half_life) for day, _ in known]


def _recent_mean(known: Sequence[tuple[date, float]], half_life: float) -> float:
    if not known:
        return 0.0
    weights = _recency(known, half_life)
    return sum(weight * quantity for weight, (_, quantity) in zip(weights, known)) / sum(weights)  # noqa: B905 -- as above


def _dispersion(fitted: Iterable[tuple[float, float]], parameters: Parameters) -> float:
    """Variance of the residuals per expected portion: 1 for pure chance (Poisson), more for a moody item."""
    total, days = parameters.dispersion * parameters.dispersion_days, parameters.dispersion_days
    for quantity, expected in fitted:
        total += (quantity - expected) ** 2 / max(expected, 0.5)
        days += 1
    return total / days


def _closed_weekdays(open_days: Sequence[date]) -> list[int]:
    """The weekdays without any sale on their last dates between the first and the last open day."""
    if not open_days:
        return []
    opened = set(open_days)
    span = [open_days[0] + timedelta(days=number) for number in range((open_days[-1] - open_days[0]).days + 1)]
    closed = []
    for weekday in range(7):
        dates = [day for day in span if day.weekday() == weekday][-CLOSED_AFTER:]
        if len(dates) >= CLOSED_AT_LEAST and not opened.intersection(dates):
            closed.append(weekday)
    return closed


def _read_instance(content: object, where: str) -> Instance:
    if not isinstance(content, dict):
        raise InvalidRequestError(f"{where} must be an object")
    menu_item_id = content.get("menu_item_id")
    if not isinstance(menu_item_id, str) or not menu_item_id:
        raise InvalidRequestError(f"{where}.menu_item_id must be a text")
    start = _read_date(content.get("start"), f"{where}.start")
    days = content.get("days")
    if not isinstance(days, int) or isinstance(days, bool) or not 1 <= days <= MOST_DAYS:
        raise InvalidRequestError(f"{where}.days must be a whole number from 1 to {MOST_DAYS}")
    history = content.get("history")
    if not isinstance(history, list) or len(history) > MOST_HISTORY:
        raise InvalidRequestError(f"{where}.history must be a list of at most {MOST_HISTORY} days")
    sold: dict[date, float] = {}
    before = None
    for number, entry in enumerate(history):
        day, quantity = _read_day(entry, f"{where}.history[{number}]")
        if before is not None and day <= before:
            raise InvalidRequestError(f"{where}.history[{number}].date must be later than the date before it")
        if day >= start:
            raise InvalidRequestError(f"{where}.history[{number}].date must be before start")
        sold[day] = quantity
        before = day
    return Instance(menu_item_id=menu_item_id, sold=sold, start=start, days=days)


def _read_day(content: object, where: str) -> tuple[date, float]:
    if not isinstance(content, dict):
        raise InvalidRequestError(f"{where} must be an object")
    quantity = content.get("quantity")
    if isinstance(quantity, bool) or not isinstance(quantity, (int, float)) or not 0 <= quantity <= MOST_PORTIONS:
        raise InvalidRequestError(f"{where}.quantity must be a number of portions from 0 to {MOST_PORTIONS}")
    return _read_date(content.get("date"), f"{where}.date"), float(quantity)


def _read_date(content: object, where: str) -> date:
    try:
        return date.fromisoformat(content if isinstance(content, str) else "")
    except ValueError:
        raise InvalidRequestError(f"{where} must be a date, YYYY-MM-DD") from None


def _refuse_constant(constant: str) -> float:
    raise InvalidRequestError(f"{constant} is not a number of JSON")
