"""How a configuration value refuses to be what it must not be."""

import re
import sys
import traceback
from pathlib import Path
from types import TracebackType
from typing import NoReturn

_OPERATORS_FILE = Path(__file__).parents[1] / "environments.py"


class ConfigError(ValueError):
    """A configuration value breaks a rule; the message names field, value, rule and remedy."""


def _end_in_one_line(kind: type[BaseException], error: BaseException, trace: TracebackType | None, /) -> None:
    """Show the message alone, after the line of flux_infra/environments.py that made the value, if one of them did."""
    if not isinstance(error, ConfigError):
        sys.__excepthook__(kind, error, trace)
        return
    lines = [
        frame.lineno
        for frame in traceback.extract_tb(trace)
        if Path(frame.filename) == _OPERATORS_FILE
        and frame.name == "<module>"  # where values stand, not who checks them
    ]
    place = f"flux_infra/{_OPERATORS_FILE.name}:{lines[-1]}: " if lines else ""
    sys.stderr.write(f"error: {place}{error}\n")


# Values are checked when they are made, which is when any command first imports them.
sys.excepthook = _end_in_one_line


def require(holds: bool, field: str, value: object, rule: str) -> None:  # noqa: FBT001 - reads as a sentence
    """Raise ConfigError unless the rule holds; `rule` says what it is and what to do."""
    if not holds:
        refuse(field, value, rule)


def refuse(field: str, value: object, rule: str) -> NoReturn:
    """Raise ConfigError for a value that breaks this rule."""
    raise ConfigError(f"{field}={value!r}: {rule}")


def is_email(value: str) -> bool:
    """Whether the value looks like an e-mail address."""
    return re.fullmatch(r"[^@\s]+@[^@\s]+\.[^@\s]+", value) is not None


def is_sentence(value: str) -> bool:
    """Whether the value has four words or more; what has no letter is no word."""
    return sum(any(letter.isalpha() for letter in word) for word in value.split()) >= 4
