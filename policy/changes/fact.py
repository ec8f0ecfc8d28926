"""A line of a surface, read back."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from policy.facts.surface import SOMETIMES

# The verbs, each with its key (what identifies the fact beside its subject) and its value. The first that fits counts.
_SHAPES: Mapping[str, re.Pattern[str]] = {
    kind: re.compile(rf"(?P<subject>\S+) {pattern}")
    for kind, pattern in {
        "is": r"(?P<key>is) (?P<value>.+)",
        "edge": r"(?P<key>lets in|lets out) (?P<value>.+)",
        "grant": r"(?P<key>may not|may|lets|forbids) (?P<value>.+)",
        "fires": r"(?P<key>fires) when (?P<value>.+)",
        "metric": r"where (?P<key>\S+) is (?P<value>.+)",
        "tells": r"when (?P<key>firing|over|without data) tells (?P<value>.+)",
        "logs": r"(?P<key>keeps logs) (?P<value>.+)",
        "answers": r"(?P<key>answers) (?P<value>.+)",
        "sends": r"(?P<key>sends) (?P<value>.+)",
        "waits": r"(?P<key>waits for) (?P<value>.+)",
        "policy": r"(?P<key>has policy) (?P<value>.+)",
        "publishes": r"(?P<key>publishes(?: \S+(?= = ))?)(?: =)? (?P<value>.+)",
        "exports": r"(?P<key>exports) (?P<value>.+)",
        "broken": r"(?P<key>refers to nothing|cannot be read): (?P<value>.+)",
        "tag": r"tag (?P<key>\S+) (?:= )?(?P<value>.+)",
        "shows": r'shows (?P<key>".*?" (?:as|of)) (?P<value>.+)',
        "property": r"(?P<key>.+?) = (?P<value>.*)",
        "item": r"(?P<key>\S+ has) (?P<value>.+)",
    }.items()
}


@dataclass(frozen=True, kw_only=True)
class Fact:
    """One line. sometimes: whether it holds only under some conditions of the template."""

    kind: str
    subject: str
    key: str
    value: str
    line: str
    sometimes: bool = False

    @property
    def path(self) -> str:
        """The key without the names and numbers of lists' items."""
        return re.sub(r"\[[^\]]*\]", "", self.key)


@cache
def read(line: str) -> Fact:
    """Return what a line says."""
    sometimes, text = line.startswith(SOMETIMES), line.removeprefix(SOMETIMES)
    for kind, shape in _SHAPES.items():
        if match := shape.fullmatch(text):
            subject, key, value = match["subject"], match["key"], match["value"]
            return Fact(kind=kind, subject=subject, key=key, value=value, line=line, sometimes=sometimes)
    subject, _, rest = text.partition(" ")
    return Fact(kind="other", subject=subject, key=rest, value="", line=line, sometimes=sometimes)


def item_values(text: str) -> frozenset[str]:
    """Return the items of a list that stands in one line."""
    return frozenset(item for item in text.removeprefix("[").removesuffix("]").split(", ") if item)
