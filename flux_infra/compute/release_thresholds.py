"""How bad a new version may look before it is taken back: the one place that alarms, gate and simulation read.

docs/canary.md shows by simulation what these numbers detect, what they miss, and how often they err.
"""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class FailureRule:
    """Too many failures of a version within a window, by count and by share at once.

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
    """The slowest hundredth of a version's invocations is too slow, for some minutes.

    p99_milliseconds: of Lambda's Duration, which leaves out cold starts.
    minutes: of 60 s each.
    breaching: how many of them must be too slow; with little traffic one slow request decides a minute.
    """

    p99_milliseconds: int
    minutes: int
    breaching: int


@dataclass(frozen=True, kw_only=True)
class GateRule:
    """What the release gate asks of a version before it takes traffic.

    requests: of all checks and rounds together.
    refused_at: failures among them that refuse the version. At 1, background errors of 0.1 % would refuse every
        ninth good release.
    median_milliseconds: of warm requests; above it the version is too slow.
    """

    requests: int
    refused_at: int
    median_milliseconds: int


@dataclass(frozen=True, kw_only=True)
class ReleaseThresholds:
    """Everything that judges a release.

    burst: breaks much at once; seen within a minute.
    sustained: breaks little, or where there is little traffic; needs several minutes to be told from noise.
    """

    burst: FailureRule
    sustained: FailureRule
    latency: LatencyRule
    gate: GateRule


RELEASE_THRESHOLDS = ReleaseThresholds(
    burst=FailureRule(window_seconds=60, count=5, tolerated_share=0.01),
    # Between 2 and 3: on a canary of 30 requests a minute the third failure in five minutes is one too many.
    sustained=FailureRule(window_seconds=300, count=2.4, tolerated_share=0.004),
    # The API promises a p95 below one second.
    latency=LatencyRule(p99_milliseconds=1_000, minutes=3, breaching=3),
    gate=GateRule(requests=120, refused_at=3, median_milliseconds=250),
)
