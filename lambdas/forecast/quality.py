"""What a restaurant's forecasts are worth: against what it sold since, and against what it usually sells."""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

from flux_core.database import Database
from flux_core.tenancy import RestaurantId

from .history import DaySold
from .model import Prediction

# Of so few days of a weekday nobody can say what is usual.
FEWEST_DAYS = 4

# The last whole day before the tick, as history counts days, and the newest run that forecast it.
_QUERY = """
    WITH place AS (
        SELECT business_day((%(date)s::date + time '02:00') AT TIME ZONE 'UTC', timezone, close_of_day) - 1 AS date
        FROM restaurants
    )
    SELECT DISTINCT ON (forecast.menu_item_id) forecast.menu_item_id, forecast.date, forecast.quantity
    FROM place JOIN forecasts forecast ON forecast.date = place.date
    ORDER BY forecast.menu_item_id, forecast.business_date DESC
"""


@dataclass(frozen=True, kw_only=True)
class Expected:
    """What was forecast of one dish for the last whole day."""

    menu_item_id: UUID
    date: dt.date
    quantity: Decimal


def read_expected(database: Database, restaurant_id: RestaurantId, date: dt.date) -> list[Expected]:
    """The forecasts of the last whole day before the business date's tick; none if no run made any."""
    return database.read(restaurant_id, _QUERY, {"date": date}, Expected)


def error_percent(expected: Sequence[Expected], history: Iterable[DaySold]) -> float | None:
    """The differences between forecast and sales of that day, dish by dish, as a share of its sales; None without them.

    Dishes that sell little weigh little: it is the weighted absolute percentage error.
    """
    if not expected:
        return None
    forecast = {each.menu_item_id: each.quantity for each in expected}
    sold = {day.menu_item_id: day.quantity for day in history if day.date == expected[0].date}
    total = sum(sold.values(), Decimal())
    if total == 0:
        return None
    wrong = sum(abs(forecast.get(dish, Decimal()) - sold.get(dish, Decimal())) for dish in {*forecast, *sold})
    return float(100 * wrong / total)


def is_unusual(predictions: Iterable[Prediction], history: Iterable[DaySold], date: dt.date) -> bool:
    """Whether the day's total lies outside of what the restaurant sold on that weekday."""
    usual = [total for day, total in _totals(history).items() if day.weekday() == date.weekday()]
    if len(usual) < FEWEST_DAYS:
        return False
    total = sum(day.quantity for prediction in predictions for day in prediction.forecasts if day.date == date)
    return not min(usual) <= total <= max(usual)


def _totals(history: Iterable[DaySold]) -> Mapping[dt.date, Decimal]:
    totals: defaultdict[dt.date, Decimal] = defaultdict(Decimal)
    for day in history:
        totals[day.date] += day.quantity
    return totals
