"""What a change does to an environment that runs: seven consequences, the worst first."""

from enum import Enum


class Consequence(Enum):
    """The value is what people read. Sorts by how bad it is, the worst first."""

    LOSES_DATA = "replaces or loses data"
    WIDENS = "widens access"
    WEAKENS = "weakens protection"
    INTERRUPTS = "interrupts traffic"
    NEW = "new"
    CHANGED = "changed"
    HARMLESS = "harmless"

    def __lt__(self, other: "Consequence") -> bool:
        order = list(Consequence)
        return order.index(self) < order.index(other)

    @property
    def why(self) -> str:
        """Why a change of this kind matters."""
        return _WHY[self]

    @property
    def remedy(self) -> str:
        """What to do about it."""
        return _REMEDY[self]


_WHY = {
    Consequence.LOSES_DATA: "CloudFormation deletes or replaces what holds state",
    Consequence.WIDENS: "more can be reached, or by more callers, than was accepted",
    Consequence.WEAKENS: "a safeguard becomes weaker or goes",
    Consequence.INTERRUPTS: "what works now may stop working",
    Consequence.NEW: "nobody has accepted it yet",
    Consequence.CHANGED: "no direction of this value is known to be safe",
    Consequence.HARMLESS: "the same, or safer",
}
_ACCEPT = "if it is meant, `make accept`"
_REMEDY = {
    Consequence.LOSES_DATA: f"plan how the state moves (snapshot, import, cdk refactor); {_ACCEPT}",
    Consequence.WIDENS: f"undo it, or give the least that is needed; {_ACCEPT}",
    Consequence.WEAKENS: f"undo it; {_ACCEPT}",
    Consequence.INTERRUPTS: f"see who uses it; {_ACCEPT}",
    Consequence.NEW: _ACCEPT,
    Consequence.CHANGED: _ACCEPT,
    Consequence.HARMLESS: "`make accept`",
}
