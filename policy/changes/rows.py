"""Changes as people read them: one row a decision, the worst first.

The same change of many resources is one row, and so is what changes of one set of resources with one consequence; a new
resource is one row whatever it is made of; a change of several environments is one row that names them.
"""

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from os.path import commonprefix

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
    places: dict[Hashable, dict[str, Change]] = defaultdict(dict)
    for environment, found in changes.items():
        for change in found:
            places[change.consequence, change.before, change.after][environment] = change
    by_place = _grouped(places.values(), tuple)
    result = [row for same in by_place for row in _rows(tuple(same[0]), [next(iter(one.values())) for one in same])]
    return sorted(result, key=lambda row: (row.consequence, row.subjects, row.what))


def _rows(environments: tuple[str, ...], changes: Sequence[Change]) -> Iterator[Row]:
    alike = _grouped(changes, _decision)  # the same but for their resources
    for groups in _grouped(alike, lambda group: (group[0].consequence, _subjects(group))):
        all_of_them = [change for group in groups for change in group]
        yield Row(
            consequence=all_of_them[0].consequence,
            environments=environments,
            subjects=_subjects(all_of_them),
            what="; ".join(sorted(_what(group, changes) for group in groups)),
        )


def _grouped[T](items: Iterable[T], key: Callable[[T], Hashable]) -> Iterable[list[T]]:
    groups: dict[Hashable, list[T]] = defaultdict(list)
    for item in items:
        groups[key(item)].append(item)
    return groups.values()


def _subjects(changes: Iterable[Change]) -> tuple[str, ...]:
    return tuple(sorted({change.fact.subject for change in changes}))


def _decision(change: Change) -> Hashable:
    """Return what changes have in common that are decided together."""
    fact, sign = change.fact, (change.before is None, change.after is None)
    if change.consequence is Consequence.NEW and change.fresh:
        return (change.consequence, change.kind)
    value = fact.value if fact.kind in ("grant", "edge", "is") else ""
    return (change.consequence, fact.kind, change.kind, fact.key, sign, value)


def _what(alike: Sequence[Change], changes: Sequence[Change]) -> str:
    if alike[0].consequence is Consequence.NEW and alike[0].fresh:
        return f"new {alike[0].kind}, {len(alike)} lines of policy/surface"
    return _few(list(dict.fromkeys(_one(change, changes) for change in alike)))


def _one(change: Change, changes: Sequence[Change]) -> str:
    before, after, fact = change.before, change.after, change.fact
    if before is not None and after is not None:
        key = "" if before.key in ("is", "fires", "answers") else f"{before.key} "
        return f"{key}was {_short(before.value, [after.value])}, is {_short(after.value, [before.value])}"
    verb, subject = "now" if before is None else "no longer", f"{fact.subject} "
    instead = (other.fact.line for other in changes if (other.before is None) != (before is None))
    others = (line.replace(subject, "", 1) for line in instead if subject in line)
    return f"{verb} {_short(fact.line.replace(subject, '', 1), others)}"


def _short(text: str, others: Iterable[str]) -> str:
    """Leave out what only repeats the most similar of the others, and what is too long."""
    if len(text) > _LONGEST:
        same = max((len(commonprefix((text, other))) for other in others), default=0)  # noqa: RUF071 - text, no path
        text = f"{text[: _LONGEST // 2]}…{text[same - 20 :]}" if same > _LONGEST * 3 // 4 else text
    return text[:_LONGEST] + "…" * (len(text) > _LONGEST)


def _few(texts: Sequence[str]) -> str:
    more = len(texts) - _SHOWN
    return ", ".join(texts[:_SHOWN]) + (f" and {more} more" if more > 0 else "")
