"""Changes as people read them: one row a decision, the worst first.

The same change of many resources is one row, and so is what changes of one set of resources with one consequence; a
change of several environments is one row that names them.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from .consequence import Consequence
from .difference import Change

_SHOWN = 4  # names or values in a row; the rest is counted
_LONGEST = 160  # characters of a value


@dataclass(frozen=True, kw_only=True)
class Row:
    """One decision to take. subjects: the resources; what: what changed from what to what, of all of them."""

    consequence: Consequence
    environments: tuple[str, ...]
    subjects: tuple[str, ...]
    types: tuple[str, ...]
    what: str

    def __str__(self) -> str:
        """One line: environments, resource, what changed, why it matters, what to do."""
        where = f"{', '.join(self.environments)}: " if any(self.environments) else ""
        return (
            f"{self.consequence.value}: {where}{self.resource}: {self.what} "
            f"({self.consequence.why}) -> {self.consequence.remedy}"
        )

    @property
    def resource(self) -> str:
        """The resources, by name."""
        if len(self.subjects) == 1:
            return self.subjects[0]
        return f"{len(self.subjects)} resources ({_few(self.subjects)})"


def rows(changes: Mapping[str, Iterable[Change]]) -> list[Row]:
    """Return the rows of changes by environment, the worst first."""
    places: dict[tuple[str, ...], dict[str, Change]] = defaultdict(dict)
    for environment, found in changes.items():
        for change in found:
            lines = (change.before.line if change.before else "", change.after.line if change.after else "")
            key = (change.consequence.value, change.fact.subject, *lines)
            places[key][environment] = change
    by_place: dict[tuple[str, ...], list[Change]] = defaultdict(list)
    for same in places.values():
        by_place[tuple(same)].append(next(iter(same.values())))
    result = [row for place, of_place in by_place.items() for row in _rows(place, of_place)]
    return sorted(result, key=lambda row: (row.consequence, row.subjects, row.what))


def _rows(environments: tuple[str, ...], changes: Sequence[Change]) -> Iterator[Row]:
    alike: dict[tuple[str, ...], list[Change]] = defaultdict(list)
    for change in changes:
        alike[_decision(change)].append(change)
    together: dict[tuple[str, tuple[str, ...], str], list[list[Change]]] = defaultdict(list)
    for key, found in alike.items():
        subjects = tuple(sorted({change.fact.subject for change in found}))
        together[key[0], subjects, key[1] if key[1] in ("grant", "edge") else ""].append(found)
    for (_, subjects, _), groups in together.items():
        yield Row(
            consequence=groups[0][0].consequence,
            environments=environments,
            subjects=subjects,
            types=tuple(sorted({change.kind for found in groups for change in found if change.kind})),
            what="; ".join(sorted(_what(found) for found in groups)),
        )


def _decision(change: Change) -> tuple[str, ...]:
    """What changes have in common that are decided together."""
    fact, sign = change.fact, _sign(change)
    if fact.kind in ("grant", "edge"):
        return (change.consequence.value, fact.kind, fact.key, sign, fact.value)
    if fact.kind == "is":
        return (change.consequence.value, fact.kind, change.kind, sign, fact.value)
    if change.consequence is Consequence.NEW:  # all that is said of a new resource
        return (change.consequence.value, fact.kind, fact.subject, sign)
    return (change.consequence.value, fact.kind, change.kind, fact.key, sign)


def _sign(change: Change) -> str:
    return "gone" if change.after is None else "new" if change.before is None else "changed"


def _what(changes: Sequence[Change]) -> str:
    said = list(dict.fromkeys(_one(change) for change in changes))
    return _few(said)


def _one(change: Change) -> str:
    before, after = change.before, change.after
    if before is None and after is not None:
        return f"now {_said(after.subject, after.line)}"
    if after is None and before is not None:
        return f"no longer {_said(before.subject, before.line)}"
    if before is None or after is None:
        return ""
    key = "" if before.key in ("is", "fires", "answers") else f"{before.key} "
    return f"{key}was {_short(before.value)}, is {_short(after.value)}"


def _said(subject: str, line: str) -> str:
    return _short(line.replace(f"{subject} ", "", 1))


def _short(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"


def _few(texts: Sequence[str]) -> str:
    more = len(texts) - _SHOWN
    return ", ".join(texts[:_SHOWN]) + (f" and {more} more" if more > 0 else "")
