"""A safeguard, which is on, or off for a reason."""

from dataclasses import dataclass
from typing import Literal

from .checked import checked
from .rules import is_sentence, require


@checked
@dataclass(frozen=True, kw_only=True)
class OptOut:
    """A safeguard switched off on purpose. There is no way to write one without its reason."""

    reason: str

    def __post_init__(self) -> None:
        require(
            is_sentence(self.reason),
            "OptOut.reason",
            self.reason,
            "too short; say why in a sentence that a successor can judge",
        )


# Never just off: the report says why.
Safeguard = Literal[True] | OptOut
