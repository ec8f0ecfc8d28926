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
        match kind := routing.text("Type"):
            case "TimeBasedCanary":
                canary = routing.child(kind)
                percentage, minutes = canary.number("CanaryPercentage"), canary.number("CanaryInterval")
            case "TimeBasedLinear":
                linear = routing.child(kind)
                percentage, minutes = linear.number("LinearPercentage"), linear.number("LinearInterval")
            case _:
                percentage, minutes = 100, 0
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


def _built_in() -> dict[str, TrafficShift]:
    shifts = [TrafficShift(name=f"{BUILT_IN_PREFIX}AllAtOnce", kind="AllAtOnce")]
    shifts += [
        TrafficShift(
            name=f"{BUILT_IN_PREFIX}Canary10Percent{minutes}Minutes",
            kind="TimeBasedCanary",
            percentage=10,
            minutes=minutes,
        )
        for minutes in (5, 10, 15, 30)
    ]
    shifts += [
        TrafficShift(
            name=f"{BUILT_IN_PREFIX}Linear10PercentEvery{minutes}Minute{'' if minutes == 1 else 's'}",
            kind="TimeBasedLinear",
            percentage=10,
            minutes=minutes,
        )
        for minutes in (1, 2, 3, 10)
    ]
    return {shift.name: shift for shift in shifts}


BUILT_IN: Mapping[str, TrafficShift] = _built_in()
"""The configurations that every account has."""
