"""A release that goes on though an alarm fires, and why."""

from dataclasses import dataclass
from typing import Self

from .checked import checked
from .rules import ConfigError
from .safeguards import OptOut


@checked
@dataclass(frozen=True, kw_only=True)
class BypassedAlarms(OptOut):
    """CodeDeploy does not look at its alarms during this deployment; the release gate is asked all the same.

    It is said on the command line, for one deployment, and never in an environment: the next deployment without it
    puts the alarms back.
    """

    @classmethod
    def of(cls, context: object) -> Self | None:
        """From the CDK context `bypass_alarms`; None without it.

        Raises:
            ConfigError: it is not a sentence.
        """
        if context is None:
            return None
        if not isinstance(context, str):
            raise ConfigError(
                f'bypass_alarms={context!r}: must be the reason, like -c bypass_alarms="mends the 500s of release 412"'
            )
        return cls(reason=context)
