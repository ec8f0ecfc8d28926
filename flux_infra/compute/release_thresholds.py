"""How bad a new version may look before it is rolled back: the one place that alarms, gate and simulation read.

docs/canary.md shows by simulation what these numbers detect, what they miss, and how often they err.
"""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class SustainedRule:
    """Too many failures of a version within some minutes, by count and by share at once.

    The rule is `failures - tolerated_share * invocations >= count`. A count alone takes back good releases where there
    is much traffic (0.1 % of 18,000 requests a minute are 18), a share alone does so where there is little (one
    failure in 30 requests is 3 %); the line between them does neither.

    window_seconds: the alarm's period. CloudWatch evaluates it every minute over the window that ends then.
    count: failures that no amount of traffic excuses.
    tolerated_share: failures excused per invocation.
    """

    window_seconds: int
    count: float
    tolerated_share: float


@dataclass(frozen=True, kw_only=True)
class LatencyRule:
    """The slowest hundredth of a version's invocations is slower than FunctionSize.release_p99_seconds, for minutes.

    minutes: of 60 s each, all of them; with little traffic one slow request decides a minute.
    """

    minutes: int


@dataclass(frozen=True, kw_only=True)
class GateRule:
    """How often the release gate asks a version before it takes traffic.

    requests: of all checks and rounds together. One that fails is sent again; failing twice in a row refuses.
    refused_at: failures among them, answered when repeated, that refuse. At 1, background errors of 0.1 % would refuse
        every ninth good release.
    """

    requests: int
    refused_at: int


@dataclass(frozen=True, kw_only=True)
class ReleaseThresholds:
    """What judges a release beside FluxConfig's rollback_errors and rollback_error_percent.

    sustained: breaks little, or where there is little traffic; needs several minutes to be told from noise.
    """

    sustained: SustainedRule
    latency: LatencyRule
    gate: GateRule


RELEASE_THRESHOLDS = ReleaseThresholds(
    # Between 2 and 3: on a canary of 30 requests a minute the third failure in five minutes is one too many.
    sustained=SustainedRule(window_seconds=300, count=2.4, tolerated_share=0.004),
    latency=LatencyRule(minutes=3),
    gate=GateRule(requests=120, refused_at=3),
)
