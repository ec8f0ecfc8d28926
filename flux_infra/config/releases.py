"""A release that goes on though an alarm fires, and why."""

from dataclasses import dataclass
from typing import Self

from .checked import checked
from .safeguards import OptOut


@checked
@dataclass(frozen=True, kw_only=True)
class BypassedAlarms(OptOut):
    """CodeDeploy does not look at its alarms during this deployment; the release gate is asked all the same.

    It is said on the command line, for one deployment, and never in an environment: the next deployment without it
    puts the alarms back.
    """

    @classmethod
    def of(cls, reason: str | None) -> Self | None:
        """From the CDK context `bypass_alarms`; None without it.

        Raises:
            ConfigError: it is not a sentence.
        """
        return None if reason is None else cls(reason=reason)
