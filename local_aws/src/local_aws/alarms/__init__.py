"""How CloudWatch evaluates an alarm: public, without dependencies, for tests and simulations that must agree with it.

`Alarm.of(Properties(...))` reads an alarm as a template or DescribeAlarms describes it, on one metric or on metric
math; `alarm.evaluate(read, current)` answers its state, where `read(metric, periods)` gives the values of the last so
many periods, the oldest first. `bins` cuts datapoints into periods, which slide with the moment of evaluation
(`end=now`) unless the alarm says `wall_clock` (`end=last_boundary(now, period)`). `decide` is the rule of M out of N
with missing data, `evaluate_expression` is metric math, `statistic` the value of a period. `CompositeAlarm` is the rule
of one, and `Suppression` says when it takes its actions.

Sources: Amazon CloudWatch User Guide, "Alarm evaluation", "Alarm evaluation window", "Configuring how CloudWatch alarms
treat missing data", "Using metric math", "Statistics definitions", "Composite alarms" and "Suppressing composite alarm
actions".
"""

from ..values import InvalidValueError, Properties
from .alarm import EXTRA_PERIODS, Alarm, Metric, Read, Verdict
from .composite import CompositeAlarm, Suppression
from .evaluation import COMPARISONS, MissingData, State, decide
from .metric_math import ExpressionError
from .metric_math import evaluate as evaluate_expression
from .periods import bins, last_boundary
from .statistics import Weighted, statistic

__all__ = [
    "COMPARISONS",
    "EXTRA_PERIODS",
    "Alarm",
    "CompositeAlarm",
    "ExpressionError",
    "InvalidValueError",
    "Metric",
    "MissingData",
    "Properties",
    "Read",
    "State",
    "Suppression",
    "Verdict",
    "Weighted",
    "bins",
    "decide",
    "evaluate_expression",
    "last_boundary",
    "statistic",
]
