"""How bad a new version may look before it is rolled back: what alarms, release gate and simulation are made from.

docs/canary.md shows by simulation what these numbers detect, what they miss, and how often they err.
"""

from dataclasses import dataclass

from .checked import checked
from .rules import require


@checked
@dataclass(frozen=True, kw_only=True)
class SustainedRule:
    """Too many failures of a version within some minutes, by count and by share at once.

    The rule is `failures - tolerated_share * invocations >= count`. A count alone rolls back good releases where there
    is much traffic (0.1 % of 18,000 requests a minute are 18), a share alone does so where there is little (one
    failure in 30 requests is 3 %); the line between them does neither.

    window_seconds: the alarm's period, whole minutes. CloudWatch evaluates it every minute over the window that ends
        then.
    count: failures that no amount of traffic excuses. Between 2 and 3: on a canary of 30 requests a minute the third
        failure in five minutes is one too many.
    tolerated_share: failures excused per invocation.
    """

    window_seconds: int = 300
    count: float = 2.4
    tolerated_share: float = 0.004

    def __post_init__(self) -> None:
        require(
            60 <= self.window_seconds <= 600 and self.window_seconds % 60 == 0,
            "SustainedRule.window_seconds",
            self.window_seconds,
            "must be a multiple of 60, at most 600; Lambda's metrics have one datapoint a minute, and no canary takes "
            "longer than ten",
        )
        require(
            self.count > 0,
            "SustainedRule.count",
            self.count,
            "must be above 0; at 0 every release would be rolled back",
        )
        require(
            0 <= self.tolerated_share < 1,
            "SustainedRule.tolerated_share",
            self.tolerated_share,
            "must be 0 or more and below 1; at 1 no failure counts",
        )


@checked
@dataclass(frozen=True, kw_only=True)
class LatencyRule:
    """The slowest hundredth of a version's invocations misses its latency objective, for minutes.

    minutes: of 60 s each, all of them; with little traffic one slow request decides a minute.
    """

    minutes: int = 3

    def __post_init__(self) -> None:
        require(1 <= self.minutes <= 10, "LatencyRule.minutes", self.minutes, "must be 1 to 10; no canary takes longer")


@checked
@dataclass(frozen=True, kw_only=True)
class GateRule:
    """How often the release gate asks a version before it takes traffic, and how much slower it may have become.

    Each field is a variable of the release gate's function.

    requests: of all checks and rounds together. One that fails is sent again; failing twice in a row refuses.
    refused_at: failures among them, answered when repeated, that refuse. At 1, background errors of 0.1 % would refuse
        every ninth good release.
    pace_requests: the pace is compared by the fastest of so many answers, which noise can only make slower.
    pace_factor: how many times as slow as the live version, at its best, a version is refused.
    pace_grace_ms: how much slower nobody feels, milliseconds.
    memory_grace_mib: how much more memory an instance may need for questions that it has answered once already. A
        caching allocator settles within a few MiB; what grows with every request does not.
    """

    requests: int = 120
    refused_at: int = 3
    pace_requests: int = 5
    pace_factor: float = 3.0
    pace_grace_ms: float = 30.0
    memory_grace_mib: int = 16

    def __post_init__(self) -> None:
        for field, value, least in (
            ("requests", self.requests, 1),
            ("pace_requests", self.pace_requests, 1),
            ("pace_factor", self.pace_factor, 1),
            ("pace_grace_ms", self.pace_grace_ms, 0),
            ("memory_grace_mib", self.memory_grace_mib, 1),
        ):
            require(value >= least, f"GateRule.{field}", value, f"must be {least} or more")
        require(
            1 <= self.refused_at <= self.requests,
            "GateRule.refused_at",
            self.refused_at,
            f"must be 1 to requests={self.requests}; more failures than requests never come, and none refuses",
        )


@checked
@dataclass(frozen=True, kw_only=True)
class ReleaseThresholds:
    """What judges a release beside FluxConfig's rollback_errors and rollback_error_percent.

    sustained: breaks little, or where there is little traffic; needs several minutes to be told from noise.
    memory_percent: share of its memory that an instance may need, %. Lambda ends one that needs all of it in the middle
        of a request. What the runtime itself needs, some 10 MiB, is not counted.
    customer_errors_percent: share of the api's requests, of all versions, that ends in a 5xx. One in twenty is far
        above Flux's ordinary errors (0.1 %), and above what a canary's tenth of the traffic causes before the alarms on
        its own version have rolled it back.
    """

    memory_percent: float = 85.0
    sustained: SustainedRule = SustainedRule()
    latency: LatencyRule = LatencyRule()
    gate: GateRule = GateRule()
    customer_errors_percent: float = 5.0

    def __post_init__(self) -> None:
        for field, value in {
            "memory_percent": self.memory_percent,
            "customer_errors_percent": self.customer_errors_percent,
        }.items():
            require(0 < value <= 100, f"ReleaseThresholds.{field}", value, "must be above 0 and at most 100 %")
