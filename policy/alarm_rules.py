"""What a composite alarm's rule says ("Create a composite alarm", CloudWatch User Guide)."""

import re
from collections.abc import Set as AbstractSet

_TOKEN = re.compile(r"""(ALARM|OK|INSUFFICIENT_DATA)\s*\(\s*["']?([^"')]+)["']?\s*\)|(TRUE|FALSE|AND|OR|NOT|\(|\))""")


def fires(rule: str, firing: AbstractSet[str]) -> bool:
    """Whether the rule is true while exactly these alarms fire; a rule that cannot be read is never true."""
    if _TOKEN.sub("", rule).strip():
        return False
    tokens = [(m[1], m[2]) if m[1] else (m[3], "") for m in _TOKEN.finditer(rule)]
    value, rest = _either(tokens, firing)
    return value and not rest


def alarms_in(rule: str) -> set[str]:
    """Return the alarms that a rule names, as it spells them."""
    return {match[2].strip() for match in _TOKEN.finditer(rule) if match[1]}


type Tokens = list[tuple[str, str]]


def _either(tokens: Tokens, firing: AbstractSet[str]) -> tuple[bool, Tokens]:
    value, rest = _both(tokens, firing)
    while rest and rest[0][0] == "OR":
        other, rest = _both(rest[1:], firing)
        value = value or other
    return value, rest


def _both(tokens: Tokens, firing: AbstractSet[str]) -> tuple[bool, Tokens]:
    value, rest = _one(tokens, firing)
    while rest and rest[0][0] == "AND":
        other, rest = _one(rest[1:], firing)
        value = value and other
    return value, rest


def _one(tokens: Tokens, firing: AbstractSet[str]) -> tuple[bool, Tokens]:
    if not tokens:
        return False, []
    (word, alarm), rest = tokens[0], tokens[1:]
    match word:
        case "NOT":
            value, rest = _one(rest, firing)
            return not value, rest
        case "(":
            value, rest = _either(rest, firing)
            return value, rest[1:] if rest and rest[0][0] == ")" else [("", "")]
        case "ALARM":
            return alarm in firing, rest
        case "OK":
            return alarm not in firing, rest
        case _:
            return word == "TRUE", rest
