"""What an account may cost a month, by what its environments are estimated to cost."""

import math
from collections.abc import Iterable

from .estimate import Estimate

# The account's own baseline (CloudTrail, Config, GuardDuty, Security Hub), support, tests by hand, and what an estimate
# leaves out: see docs/cost.md.
MARGIN = 1.15

# Open at the same time, at the most: each is an environment like dev, in dev's account.
PREVIEWS = 4

# How far a budget may be from its estimate before somebody sets it anew; every new alarm moves the estimate a little.
TOLERANCE = 0.1

_STEP_USD = 50


def budget_usd(environment: str, estimates: Iterable[Estimate]) -> int:
    """Return the monthly budget that an environment's account should have, USD."""
    one = next(estimate for estimate in estimates if estimate.environment == environment)
    count = 1 + PREVIEWS if environment == "dev" else 1
    return math.ceil(one.usd * count * MARGIN / _STEP_USD) * _STEP_USD


def fits(budget: float, *, wanted: float) -> bool:
    """Whether a budget still is what it should be."""
    return abs(budget - wanted) <= wanted * TOLERANCE
