"""Restaurants that do not exist: the sales the model is chosen and judged on, until there are real ones to use.

What is true of each, and hidden from the model: dishes of very different popularity; a weekly shape that differs
between restaurants and a little between dishes; a slow drift over months; good and bad weeks; days that are moodier
than pure chance (gamma-mixed Poisson); a closing day for half of them; a closed week now and then; dishes put on the
menu late; and feasts that nobody can foresee. Every number comes from the seed: all machines train on the same sales.
"""

import math
import random
from dataclasses import dataclass
from datetime import date, timedelta

FIRST_DAY = date(2025, 1, 6)  # a Monday
DAYS = 210  # long enough for 90 days of history before each of several weeks to forecast

# Monday to Sunday, relative to an average day: a neighbourhood restaurant, a lunch place near offices, a tourist spot.
WEEKLY_SHAPES = (
    (0.70, 0.75, 0.85, 0.95, 1.35, 1.50, 0.90),
    (1.15, 1.20, 1.20, 1.15, 1.10, 0.70, 0.50),
    (0.90, 0.85, 0.90, 0.95, 1.05, 1.15, 1.20),
)


@dataclass(frozen=True, kw_only=True)
class Restaurant:
    """One restaurant's sales.

    sold: portions by dish and day. A day without a sale of a dish is absent, as it is in the database.
    open_days: the days on which it was open.
    """

    name: str
    sold: dict[str, dict[date, float]]
    open_days: frozenset[date]


def make_restaurants(count: int, *, seed: int) -> list[Restaurant]:
    """`count` restaurants, the same ones for the same seed."""
    randomness = random.Random(seed)  # noqa: S311 -- repeatable on purpose, and no secret
    return [_make_restaurant(f"restaurant-{seed}-{number}", randomness) for number in range(count)]


def _make_restaurant(name: str, randomness: random.Random) -> Restaurant:
    shape = randomness.choice(WEEKLY_SHAPES)
    days = [FIRST_DAY + timedelta(days=number) for number in range(DAYS)]
    open_days = _open_days(days, randomness)
    moods = _weekly_moods(randomness)
    drift = randomness.gauss(0, 0.25)  # growth over the whole span, in log units: about a quarter up or down
    feasts = {day: randomness.uniform(1.4, 2.2) for day in days if randomness.random() < 0.01}
    dishes = {f"dish-{number}": _Dish.make(shape, randomness) for number in range(randomness.randint(5, 12))}
    sold: dict[str, dict[date, float]] = {}
    for dish_name, dish in dishes.items():
        sales: dict[date, float] = {}
        for number, day in enumerate(days):
            if day not in open_days or number < dish.first_day:
                continue
            common = moods[number // 7] * math.exp(drift * number / DAYS) * feasts.get(day, 1.0)
            portions = dish.sell(dish.popularity * dish.shape[day.weekday()] * common, randomness)
            if portions:
                sales[day] = float(portions)
        sold[dish_name] = sales
    return Restaurant(name=name, sold=sold, open_days=frozenset(open_days))


@dataclass(frozen=True, kw_only=True)
class _Dish:
    """How one dish sells.

    popularity: portions on an average day.
    shape: its weekdays relative to that, Monday first.
    moodiness: variance of a day's demand beyond chance, relative to its square.
    first_day: when it was put on the menu, days since FIRST_DAY.
    """

    popularity: float
    shape: tuple[float, ...]
    moodiness: float
    first_day: int

    @classmethod
    def make(cls, shape: tuple[float, ...], randomness: random.Random) -> "_Dish":
        return cls(
            popularity=math.exp(randomness.gauss(2.3, 0.9)),  # median 10, one in twenty above 44
            shape=tuple(factor * math.exp(randomness.gauss(0, 0.08)) for factor in shape),
            moodiness=randomness.uniform(0.01, 0.08),
            first_day=randomness.choice((0, 0, 0, 0, 0, 100, 150)),
        )

    def sell(self, expected: float, randomness: random.Random) -> int:
        appetite = randomness.gammavariate(1 / self.moodiness, self.moodiness)
        return _poisson(expected * appetite, randomness)


def _open_days(days: list[date], randomness: random.Random) -> set[date]:
    closing_weekday = randomness.choice((0, 0, 1, 6, None, None, None, None))
    closed_week = randomness.randrange(DAYS // 7) if randomness.random() < 0.3 else None
    return {day for number, day in enumerate(days) if day.weekday() != closing_weekday and number // 7 != closed_week}


def _weekly_moods(randomness: random.Random) -> list[float]:
    """Good and bad weeks, each resembling the one before."""
    mood, moods = 0.0, []
    for _ in range(DAYS // 7 + 1):
        mood = 0.7 * mood + randomness.gauss(0, 0.06)
        moods.append(math.exp(mood))
    return moods


def _poisson(expected: float, randomness: random.Random) -> int:
    """Knuth's method, in steps small enough for exp() of a large number."""
    count = 0
    while expected > 30:
        count += _poisson(30, randomness)
        expected -= 30
    threshold, product = math.exp(-expected), randomness.random()
    while product > threshold:
        count += 1
        product *= randomness.random()
    return count
