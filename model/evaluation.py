"""How far forecasts are from what was then sold.

Every restaurant is asked for on several dates, as the nightly run asks: 90 days of history, seven days ahead.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, dataclass
from datetime import date, timedelta

from .code.inference import Instance, Parameters, forecast, read_calendar
from .restaurants import FIRST_DAY, Restaurant

HISTORY_DAYS = 90  # what the forecast worker sends
HORIZON = 7  # days

# The nights forecasts are made on: days since FIRST_DAY, on different weekdays, each week forecast only once.
NIGHTS = (110, 125, 140, 155, 170, 185, 200)


@dataclass(frozen=True, kw_only=True)
class Day:
    """One forecast and what happened."""

    quantity: float
    lower: float
    upper: float
    sold: float


@dataclass(frozen=True, kw_only=True)
class Score:
    """Over many forecasts of one dish on one day.

    wape: sum of absolute errors over the sum of sales (0.25: a quarter of the portions are misplaced).
    bias: portions forecast too many, over the sum of sales.
    coverage: the share of days whose sales are within the interval; 0.8 is meant. Closing days are not counted.
    interval: mean width of the interval over the mean of sales.
    pinball_lower, pinball_upper: loss of the interval's ends as the 10 % and 90 % quantiles they are meant to be, over
        the mean of sales; the least for the right quantile (Koenker and Bassett, "Regression Quantiles").
    days: how many forecasts.
    """

    wape: float
    bias: float
    coverage: float
    interval: float
    pinball_lower: float
    pinball_upper: float
    days: int

    def rounded(self) -> dict[str, float]:
        """For a report."""
        return {name: round(value, 4) for name, value in asdict(self).items()}


# One restaurant's items and the date -> per item, the days ahead as (quantity, lower, upper).
type Forecaster = Callable[[list[Instance]], list[list[tuple[float, float, float]]]]


def seasonal_model(parameters: Parameters) -> Forecaster:
    """The model as it is served."""

    def ask(items: list[Instance]) -> list[list[tuple[float, float, float]]]:
        calendar = read_calendar(items, parameters)
        return [
            [
                (_number(day, "quantity"), _number(day, "lower"), _number(day, "upper"))
                for day in forecast(item, calendar, parameters)
            ]
            for item in items
        ]

    return ask


def last_week(items: list[Instance]) -> list[list[tuple[float, float, float]]]:
    """The naive forecast: as many as on the same weekday a week ago."""
    return [
        [
            (sold, sold, sold)
            for ahead in range(item.days)
            for sold in [item.sold.get(item.start + timedelta(days=ahead - 7), 0.0)]
        ]
        for item in items
    ]


def last_month(items: list[Instance]) -> list[list[tuple[float, float, float]]]:
    """The better naive forecast: the mean of the same weekday over four weeks."""
    answers = []
    for item in items:
        days = []
        for ahead in range(item.days):
            same = [item.sold.get(item.start + timedelta(days=ahead - 7 * weeks), 0.0) for weeks in (1, 2, 3, 4)]
            days.append((sum(same) / 4, min(same), max(same)))
        answers.append(days)
    return answers


def score(forecaster: Forecaster, restaurants: Iterable[Restaurant]) -> Score:
    """Judge a forecaster on restaurants."""
    days = [day for restaurant in restaurants for day in _forecast_days(forecaster, restaurant)]
    sold = sum(day.sold for day in days)
    expected = [day for day in days if day.upper > 0]
    return Score(
        wape=sum(abs(day.quantity - day.sold) for day in days) / sold,
        bias=sum(day.quantity - day.sold for day in days) / sold,
        coverage=sum(day.lower <= day.sold <= day.upper for day in expected) / len(expected),
        interval=sum(day.upper - day.lower for day in days) / sold,
        pinball_lower=sum(_pinball(day.sold - day.lower, 0.1) for day in days) / sold,
        pinball_upper=sum(_pinball(day.sold - day.upper, 0.9) for day in days) / sold,
        days=len(days),
    )


def _pinball(error: float, quantile: float) -> float:
    return max(quantile * error, (quantile - 1) * error)


def _forecast_days(forecaster: Forecaster, restaurant: Restaurant) -> Iterator[Day]:
    for night in NIGHTS:
        start = FIRST_DAY + timedelta(days=night)
        items = [_question(dish, sold, start) for dish, sold in restaurant.sold.items()]
        items = [item for item in items if item.sold]  # a dish that is not on the menu yet is not asked for
        for item, answers in zip(items, forecaster(items), strict=True):
            for ahead, (quantity, lower, upper) in enumerate(answers):
                sold = restaurant.sold[item.menu_item_id].get(start + timedelta(days=ahead), 0.0)
                yield Day(quantity=quantity, lower=lower, upper=upper, sold=sold)


def _question(dish: str, sold: dict[date, float], start: date) -> Instance:
    oldest = start - timedelta(days=HISTORY_DAYS)
    known = {day: quantity for day, quantity in sold.items() if oldest <= day < start}
    return Instance(menu_item_id=dish, sold=known, start=start, days=HORIZON)


def _number(day: dict[str, object], name: str) -> float:
    value = day[name]
    if not isinstance(value, float):
        raise TypeError(f"{name} of a forecast is {value!r}, not a number")
    return value
