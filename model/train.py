"""Chooses the model's parameters, and judges the choice on restaurants that had no part in it."""

from dataclasses import dataclass
from itertools import product

from .code.inference import Parameters
from .evaluation import Score, last_month, last_week, score, seasonal_model
from .restaurants import make_restaurants

# Different seeds: different restaurants. What is reported comes from those that the choice never saw.
CHOICE = {"count": 20, "seed": 1}
HELD_OUT = {"count": 20, "seed": 2}

LEVEL_HALF_LIVES = (10.0, 21.0, 42.0)  # days
WEEKDAY_HALF_LIVES = (60.0, 120.0)  # days
POOLINGS = (2.0, 8.0, 32.0)  # days
Z_SCORES = (1.1, 1.2, 1.3, 1.4, 1.5, 1.6)

# Before an item has residuals of its own: somewhat moodier than pure chance, outweighed after two weeks.
DISPERSION = 1.5
DISPERSION_DAYS = 14.0


@dataclass(frozen=True, kw_only=True)
class Trained:
    """The parameters chosen, and how model and naive forecasts did on the held-out restaurants."""

    parameters: Parameters
    held_out: Score
    last_week: Score
    last_month: Score


def train() -> Trained:
    """Choose level and weekdays by the error of the quantity, then the interval's ends by their pinball losses."""
    restaurants = make_restaurants(CHOICE["count"], seed=CHOICE["seed"])
    candidates = [
        Parameters(
            level_half_life=level,
            weekday_half_life=weekday,
            pooling=pooling,
            dispersion=DISPERSION,
            dispersion_days=DISPERSION_DAYS,
            lower_z=1.28,  # a normal distribution's, until the ends are chosen
            upper_z=1.28,
        )
        for level, weekday, pooling in product(LEVEL_HALF_LIVES, WEEKDAY_HALF_LIVES, POOLINGS)
    ]
    best = min(candidates, key=lambda candidate: score(seasonal_model(candidate), restaurants).wape)
    scores = {z: score(seasonal_model(best._replace(lower_z=z, upper_z=z)), restaurants) for z in Z_SCORES}
    chosen = best._replace(
        lower_z=min(scores, key=lambda z: scores[z].pinball_lower),
        upper_z=min(scores, key=lambda z: scores[z].pinball_upper),
    )
    unseen = make_restaurants(HELD_OUT["count"], seed=HELD_OUT["seed"])
    return Trained(
        parameters=chosen,
        held_out=score(seasonal_model(chosen), unseen),
        last_week=score(last_week, unseen),
        last_month=score(last_month, unseen),
    )
