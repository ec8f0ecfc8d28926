"""How traffic moves from one version to the next ("Deployment configurations on an AWS Lambda compute platform")."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

from ..values import InvalidValueError, Properties

MINUTE_SECONDS = 3.0
"""How long one of CodeDeploy's minutes takes on this machine: a canary of 5 minutes is watched for 15 seconds."""

BUILT_IN_PREFIX = "CodeDeployDefault.Lambda"


@dataclass(frozen=True, kw_only=True)
class Step:
    """Give the new version `share` (0 to 1) of the traffic, and wait `minutes` before the next step."""

    share: float
    minutes: int


@dataclass(frozen=True, kw_only=True)
class TrafficShift:
    """A deployment configuration.

    kind: AllAtOnce, TimeBasedCanary or TimeBasedLinear.
    percentage, minutes: of the canary, or of each increment; 100 and 0 for AllAtOnce.
    """

    name: str
    kind: str
    percentage: int = 100
    minutes: int = 0

    def __post_init__(self) -> None:
        if self.kind not in ("AllAtOnce", "TimeBasedCanary", "TimeBasedLinear"):
            raise InvalidValueError(f"TrafficRoutingConfig.Type={self.kind}: unknown to CodeDeploy")
        if self.kind != "AllAtOnce" and not (1 <= self.percentage <= 99 and self.minutes >= 1):
            raise InvalidValueError(f"{self.name}: percentage must be 1 to 99 and the interval at least a minute")

    @classmethod
    def of(cls, name: str, routing: Properties) -> Self:
        """A configuration of the user's, from TrafficRoutingConfig in a template.

        Raises:
            InvalidValueError: it is malformed.
        """
        kind, percentage, minutes = routing.text("Type"), 100, 0
        if kind.startswith("TimeBased"):
            word, told = kind.removeprefix("TimeBased"), routing.child(kind)
            percentage, minutes = told.number(f"{word}Percentage"), told.number(f"{word}Interval")
        return cls(name=name, kind=kind, percentage=percentage, minutes=minutes)

    @property
    def steps(self) -> list[Step]:
        """What comes before the new version gets all traffic."""
        match self.kind:
            case "TimeBasedCanary":
                return [Step(share=self.percentage / 100, minutes=self.minutes)]
            case "TimeBasedLinear":
                shares = range(self.percentage, 100, self.percentage)
                return [Step(share=share / 100, minutes=self.minutes) for share in shares]
            case _:
                return []


def _by_tenths(name: str, kind: str, minutes: int) -> TrafficShift:
    return TrafficShift(name=f"{BUILT_IN_PREFIX}{name}", kind=kind, percentage=10, minutes=minutes)


BUILT_IN: Mapping[str, TrafficShift] = {
    shift.name: shift
    for shift in (
        TrafficShift(name=f"{BUILT_IN_PREFIX}AllAtOnce", kind="AllAtOnce"),
        *(_by_tenths(f"Canary10Percent{n}Minutes", "TimeBasedCanary", n) for n in (5, 10, 15, 30)),
        _by_tenths("Linear10PercentEvery1Minute", "TimeBasedLinear", 1),
        *(_by_tenths(f"Linear10PercentEvery{n}Minutes", "TimeBasedLinear", n) for n in (2, 3, 10)),
    )
}
"""The configurations that every account has."""
