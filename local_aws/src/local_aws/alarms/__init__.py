"""How CloudWatch evaluates an alarm: public, without dependencies, for tests and simulations that must agree with it.

`Alarm.of(Properties(...))` reads an alarm as a template or DescribeAlarms describes it, on one metric or on metric
math; `alarm.evaluate(read, current)` answers its state, where `read(metric, periods)` gives the values of the last so
many periods, the oldest first. `bins` cuts datapoints into periods. CloudWatch's own begin at multiples of their
length: pass `end=last_boundary(now, period)` to see what it sees, or `end=now` for periods that slide with the moment.
`decide` is the rule of M out of N with missing data, and `metric_math.evaluate` is metric math.

Sources: Amazon CloudWatch User Guide, "Alarm evaluation", "Configuring how CloudWatch alarms treat missing data" and
"Using metric math".
"""

from ..values import InvalidValueError, Properties
from .alarm import Alarm, Metric, Read, Verdict
from .evaluation import COMPARISONS, MissingData, State, decide
from .metric_math import ExpressionError
from .periods import bins, last_boundary

__all__ = [
    "COMPARISONS",
    "Alarm",
    "ExpressionError",
    "InvalidValueError",
    "Metric",
    "MissingData",
    "Properties",
    "Read",
    "State",
    "Verdict",
    "bins",
    "decide",
    "last_boundary",
]
