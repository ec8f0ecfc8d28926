"""What an environment may say about itself, and the rules it must obey.

Every rule is checked when the value is made, so a bad configuration fails at synth, before anything is deployed.
"""

from .backups import Backups
from .datadog import Datadog, Tracing
from .delivery import Branch, Delivery
from .domain import Domain
from .flux import FluxConfig, TrafficShift
from .functions import (
    FUNCTIONS,
    RELEASED_FUNCTIONS,
    WORKERS,
    Functions,
    FunctionSize,
    LatencyObjective,
    ReleasedFunction,
    Worker,
)
from .releases import BypassedAlarms
from .resources import Cache, Database, Model, Network, Throttle
from .rules import ConfigError
from .safeguards import OptOut
from .severity import Severity

__all__ = [
    "FUNCTIONS",
    "RELEASED_FUNCTIONS",
    "WORKERS",
    "Backups",
    "Branch",
    "BypassedAlarms",
    "Cache",
    "ConfigError",
    "Database",
    "Datadog",
    "Delivery",
    "Domain",
    "FluxConfig",
    "FunctionSize",
    "Functions",
    "LatencyObjective",
    "Model",
    "Network",
    "OptOut",
    "ReleasedFunction",
    "Severity",
    "Throttle",
    "Tracing",
    "TrafficShift",
    "Worker",
]
