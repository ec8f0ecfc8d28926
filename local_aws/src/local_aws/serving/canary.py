"""A new model's canary: it answers a share of the requests while alarms are watched."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Self

from ..releases.shifting import MINUTE_SECONDS
from ..values import Properties

POLL_SECONDS = 0.2


@dataclass(frozen=True, kw_only=True)
class Guardrails:
    """A blue/green deployment by canary ("Use canary traffic shifting", SageMaker Developer Guide).

    percent: of the requests that the new model answers during the canary.
    wait_seconds: of SageMaker's, how long that lasts; its minutes are as short here as CodeDeploy's.
    alarms: names; one that fires takes the new model back.
    """

    percent: int
    wait_seconds: int
    alarms: Sequence[str]

    @classmethod
    def of(cls, deployment: Properties) -> Self | None:
        """The canary of a DeploymentConfig; None if all requests move at once."""
        routing = deployment.child("BlueGreenUpdatePolicy").child("TrafficRoutingConfiguration")
        if routing.text("Type", "ALL_AT_ONCE") != "CANARY":
            return None
        size = routing.child("CanarySize")
        if size.text("Type") != "CAPACITY_PERCENT":
            raise ValueError(f"CanarySize.Type={size.text('Type')}: AWS on this machine has no instances to count")
        alarms = deployment.child("AutoRollbackConfiguration").children("Alarms")
        return cls(
            percent=size.number("Value"),
            wait_seconds=routing.number("WaitIntervalInSeconds", 0),
            alarms=[alarm.text("AlarmName") for alarm in alarms],
        )

    def firing(self, fires: Callable[[str], bool]) -> str | None:
        """Watch for the canary's time; answers the alarm that fired, or None."""
        end = time.monotonic() + self.wait_seconds / 60 * MINUTE_SECONDS
        while True:
            for alarm in self.alarms:
                if fires(alarm):
                    return alarm
            if time.monotonic() >= end:
                return None
            time.sleep(POLL_SECONDS)


class Turns:
    """Whose turn it is: of any hundred requests, `percent` are the new model's, evenly spread."""

    def __init__(self, percent: int) -> None:
        self._percent = percent
        self._sum = 0

    def new(self) -> bool:
        """Whether the next request is the new model's."""
        self._sum += self._percent
        if self._sum < 100:
            return False
        self._sum -= 100
        return True
