"""How a configuration value refuses to be what it must not be."""

import re
import sys
import traceback
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType

_OPERATORS_FILE = Path(__file__).parents[1] / "environments.py"


class ConfigError(ValueError):
    """A configuration value breaks a rule; the message names field, value, rule and remedy."""


def in_one_line(error: ConfigError) -> str:
    """The message, after the line of flux_infra/environments.py that made the value, if one of them did."""
    lines = [f.lineno for f in traceback.extract_tb(error.__traceback__) if Path(f.filename) == _OPERATORS_FILE]
    place = f"flux_infra/{_OPERATORS_FILE.name}:{lines[-1]}: " if lines else ""
    return f"error: {place}{error}"


def _end_in_one_line(kind: type[BaseException], error: BaseException, trace: TracebackType | None, /) -> None:
    if isinstance(error, ConfigError):
        sys.stderr.write(f"{in_one_line(error)}\n")
    else:
        sys.__excepthook__(kind, error, trace)


# Values are checked when they are made, which is when any command first imports them.
sys.excepthook = _end_in_one_line


def require(holds: bool, field: str, value: object, rule: str) -> None:  # noqa: FBT001 - reads as a sentence
    """Raise ConfigError unless the rule holds; `rule` says what it is and what to do."""
    if not holds:
        raise ConfigError(f"{field}={value!r}: {rule}")


def is_email(value: str) -> bool:
    """Whether the value looks like an e-mail address."""
    return re.fullmatch(r"[^@\s]+@[^@\s]+\.[^@\s]+", value) is not None


@dataclass(frozen=True, kw_only=True)
class OptOut:
    """A safeguard switched off on purpose. There is no way to write one without its reason."""

    reason: str

    def __post_init__(self) -> None:
        require(
            len(self.reason.split()) >= 4,
            "OptOut.reason",
            self.reason,
            "too short; say why in a sentence that a successor can judge",
        )


def require_reason(value: bool | OptOut, field: str) -> None:  # noqa: FBT001 - the value under test
    """Raise ConfigError for a safeguard that is switched off without an OptOut."""
    require(
        value is not False,
        field,
        value,
        "a safeguard is never just off; give OptOut(reason=...) so the report says why",
    )
