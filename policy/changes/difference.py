"""What differs between two surfaces of one environment, fact by fact, each with its consequence."""

import re
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from policy.facts.surface import SOMETIMES
from policy.stateful import RELEASED_TYPES, STATEFUL_TYPES

from .access import added_sentence, edge_covers, removed_sentence
from .alarms import changed_metric, changed_rule
from .consequence import Consequence
from .directions import changed_property, holds_secret, table
from .fact import Fact, read


@dataclass(frozen=True, kw_only=True)
class Change:
    """One fact that came, went or became another.

    kind: the type of the resource that it is about. fresh: whether that resource is new.
    """

    consequence: Consequence
    kind: str
    before: Fact | None
    after: Fact | None
    fresh: bool = False

    @property
    def fact(self) -> Fact:
        """The fact as it is now, or as it was if it is gone."""
        return self.after or self.before  # type: ignore[return-value] # one of them is there


@dataclass(frozen=True, kw_only=True)
class _Side:
    """The facts of one surface."""

    facts: Sequence[Fact]

    @cached_property
    def kinds(self) -> Mapping[str, str]:
        """The type of each resource."""
        return {fact.subject: fact.value.split(",")[0] for fact in self.facts if fact.kind == "is"}

    @cached_property
    def by_key(self) -> Mapping[tuple[str, str, str], Sequence[Fact]]:
        """Facts of the same kind, subject and key."""
        found = defaultdict(list)
        for fact in self.facts:
            found[_group(fact)].append(fact)
        return found

    @cached_property
    def paths(self) -> frozenset[tuple[str, str]]:
        """Subjects and the beginnings of their properties' paths that end in a list's item."""
        return frozenset(
            (fact.subject, fact.key[: index + 1])
            for fact in self.facts
            if fact.kind == "property"
            for index, character in enumerate(fact.key)
            if character == "]"
        )


def _group(fact: Fact) -> tuple[str, str, str]:
    return fact.kind, fact.subject, fact.key


def changes(before: frozenset[str], after: frozenset[str]) -> list[Change]:
    """Return every change between two surfaces, the harmless ones included; what is only written otherwise is none."""
    if before == after:
        return []
    old = _Side(facts=[read(line) for line in sorted(before)])
    new = _Side(facts=[read(line) for line in sorted(after)])
    return list(_Comparison(old=old, new=new).changes(before, after))


@dataclass(frozen=True, kw_only=True)
class _Comparison:
    old: _Side
    new: _Side

    @cached_property
    def _grants(self) -> Sequence[Fact]:
        return [fact for fact in self.new.facts if fact.kind == "grant" and fact.key in ("may", "lets")]

    def changes(self, before: frozenset[str], after: frozenset[str]) -> Iterator[Change]:
        gone = _Side(facts=[read(line) for line in sorted(before - after)]).by_key
        come = _Side(facts=[read(line) for line in sorted(after - before)]).by_key
        for group in sorted(gone.keys() | come.keys()):
            yield from self._of_group(group, *_without_case(group[0], gone.get(group, ()), come.get(group, ())))

    def _of_group(self, group: tuple[str, str, str], gone: Sequence[Fact], come: Sequence[Fact]) -> Iterator[Change]:
        kind = self.new.kinds.get(group[1]) or self.old.kinds.get(group[1], "")
        if len(gone) == len(come) == 1 and group[0] in _PAIRED and gone[0].sometimes == come[0].sometimes:
            before, after = gone[0], come[0]
            yield Change(consequence=self._changed(kind, before, after), kind=kind, before=before, after=after)
            return
        kept = [fact for fact in self.new.by_key.get(group, ()) if fact not in come and not fact.sometimes]
        for fact in gone:
            consequence = self._gone(kind, fact, kept, [other for other in come if not other.sometimes])
            yield Change(consequence=consequence, kind=kind, before=fact, after=None)
        for fact in come:
            consequence = self._come(kind, fact, [other for other in gone if not other.sometimes])
            yield Change(consequence=consequence, kind=kind, before=None, after=fact, fresh=self._fresh(fact))

    def _changed(self, kind: str, before: Fact, after: Fact) -> Consequence:  # noqa: PLR0911 - one line a kind
        old, new = before.value, after.value
        if _NOWHERE in new:  # a line says that it refers to nothing
            return Consequence.HARMLESS
        match before.kind:
            case "is" if kind == "" or "stack " in old[:6]:
                return _changed_stack(old, new)
            case "is":
                return _changed_resource(old, new)
            case "metric":
                return changed_metric(old, new, upward=self._fires_upward(before.subject))
            case "publishes":
                return Consequence.WIDENS if holds_secret(new) else Consequence.INTERRUPTS
            case "edge":
                return Consequence.CHANGED if edge_covers(before, after) else Consequence.WIDENS
            case "fires" | "logs" | "answers" | "sends" | "tag":
                return _CHANGED[before.kind](old, new)
            case _:
                return changed_property(kind, before.path, old, new)

    def _fires_upward(self, alarm: str) -> bool | None:
        (fires,) = self.old.by_key.get(("fires", alarm, "fires"), [None])[:1]
        return None if fires is None else " > " in fires.value or " >= " in fires.value

    def _gone(self, kind: str, fact: Fact, kept: Sequence[Fact], come: Sequence[Fact]) -> Consequence:  # noqa: C901, PLR0911, PLR0912 - one line a kind
        lost = fact.subject in self.old.kinds and fact.subject not in self.new.kinds
        if fact.kind == "is":
            return _lost_resource(fact.value.split(",")[0])
        # Another line says what became of it.
        if lost or (fact.sometimes and _always(fact) in self.new.facts) or self._conditional(fact.subject):
            return Consequence.HARMLESS
        match fact.kind:
            case "grant":
                return removed_sentence(fact, kept, come)
            case "edge":
                if any(edge_covers(other, fact) for other in (*kept, *come)):
                    return Consequence.HARMLESS
                return (
                    Consequence.CHANGED if any(edge_covers(fact, other) for other in come) else Consequence.INTERRUPTS
                )
            case "fires" | "metric" | "tells" | "logs":
                return Consequence.WEAKENS
            case "waits" if any(_awaits(other, fact.value) for other in (*kept, *come)):
                return Consequence.HARMLESS
            case "waits" | "answers" | "sends" | "policy" | "exports":
                return Consequence.INTERRUPTS
            case "publishes":
                return Consequence.INTERRUPTS if fact.key != "publishes" else Consequence.CHANGED
            case "broken":
                return Consequence.HARMLESS
            case "property" | "item":
                return changed_property(kind, fact.path, fact.value, None)
            case "shows" if fact.key.endswith(" of") and not come:
                return Consequence.WEAKENS
            case _:
                return Consequence.CHANGED

    def _come(self, kind: str, fact: Fact, gone: Sequence[Fact]) -> Consequence:  # noqa: C901, PLR0911, PLR0912 - one line a kind
        fresh = self._fresh(fact)
        if fact.kind == "broken":
            return Consequence.WIDENS if fact.key == "cannot be read" else Consequence.INTERRUPTS
        if fact.sometimes and _always(fact) in self.old.facts:  # its loss is judged
            return Consequence.HARMLESS
        if fact.kind == "is":
            return Consequence.WIDENS if kind in table()["opening"] else Consequence.NEW
        if _NOWHERE in fact.line or self._refers_to_nothing(fact):  # a line says so
            return Consequence.HARMLESS
        earlier = self.old.by_key.get(_group(fact), ())
        if holds_secret(fact.value) and fact.kind != "grant" and not (fresh and kind == "AWS::RDS::DBInstance"):
            return Consequence.WIDENS
        match fact.kind:
            case "grant":
                return added_sentence(fact, earlier, gone, self._grants)
            case "edge":
                covered = any(edge_covers(other, fact) for other in earlier)
                return Consequence.HARMLESS if covered else Consequence.WIDENS
            case "answers":
                return Consequence.WIDENS if fact.value.endswith(" NONE") else Consequence.NEW
            case "policy" | "exports":
                return Consequence.WIDENS
            case "sends":
                return Consequence.NEW if "NatGatewayId" in fact.value else Consequence.WIDENS
            case "waits" | "broken":
                return Consequence.HARMLESS
            case "tells":
                return Consequence.HARMLESS if "<" in fact.value or "{account}" in fact.value else Consequence.WIDENS
            case "tag":
                return self._new_tag(fact)
            case "publishes":
                return Consequence.NEW
            case "metric" | "shows" | "fires" | "logs":
                return Consequence.NEW if fresh else Consequence.CHANGED
            case _ if fresh:
                return Consequence.NEW
            case _:
                return changed_property(kind, fact.path, None, fact.value, in_new_item=self._in_new_item(fact))

    def _conditional(self, subject: str) -> bool:
        """Whether a resource has become one that some conditions leave out: that it is, is judged once."""
        now, then = (side.by_key.get(("is", subject, "is"), ()) for side in (self.new, self.old))
        return bool(now) and all(fact.sometimes for fact in now) and not any(fact.sometimes for fact in then)

    def _fresh(self, fact: Fact) -> bool:
        return fact.subject in self.new.kinds and fact.subject not in self.old.kinds

    def _refers_to_nothing(self, fact: Fact) -> bool:
        """Whether it only calls a resource that is gone by another name."""
        broken = any(group[0] == "broken" for group in self.new.by_key)
        named = _NAMED.findall(fact.value) if broken else []
        known = self.new.kinds.keys() | self.old.kinds.keys()
        return any(not known & {name, name.rpartition(".")[0]} for name in named)

    def _in_new_item(self, fact: Fact) -> bool:
        end = fact.key.find("]")
        return end >= 0 and (fact.subject, fact.key[: end + 1]) not in self.old.paths

    def _new_tag(self, fact: Fact) -> Consequence:
        layer = fact.subject.split("/")[0]
        overrides = "is not the stack's" in fact.value or ("tag", layer, fact.key) in self.old.by_key
        return Consequence.CHANGED if overrides else Consequence.HARMLESS


# Facts of which a subject has one with this key, so that one that went and one that came are one change.
_PAIRED = {"is", "fires", "metric", "logs", "answers", "sends", "publishes", "edge", "tag", "property"}


_NOWHERE = "${nowhere:"  # what a reference to no output reads as (intrinsics.py)
_NAMED = re.compile(r"<([A-Z][A-Za-z]+/[^<>\s]+)>")


def _always(fact: Fact) -> Fact:
    return read(fact.line.removeprefix(SOMETIMES))


def _without_case(kind: str, gone: Sequence[Fact], come: Sequence[Fact]) -> tuple[Sequence[Fact], Sequence[Fact]]:
    """Leave out grants that are only written in other capitals."""
    if kind != "grant":
        return gone, come
    both = {fact.value.lower() for fact in gone} & {fact.value.lower() for fact in come}
    return (
        [fact for fact in gone if fact.value.lower() not in both],
        [fact for fact in come if fact.value.lower() not in both],
    )


def _awaits(fact: Fact, other: str) -> bool:
    """Whether a wait for `Construct/*` includes another."""
    return fact.value.endswith("/*") and (other.removesuffix("/*") + "/").startswith(fact.value.removesuffix("*"))


def _changed_stack(old: str, new: str) -> Consequence:
    if "not protected" in new and "not protected" not in old:
        return Consequence.WEAKENS
    if old.replace("not protected", "protected") == new:
        return Consequence.HARMLESS
    same = old.partition(",")[0] == new.partition(",")[0]
    return Consequence.CHANGED if same else Consequence.LOSES_DATA


def _keeps(value: str) -> bool:
    """Whether a resource is kept when it goes."""
    removal = value.partition("on removal ")[2]
    return bool(removal) and "Delete" not in removal and "default" not in removal


def _changed_resource(old: str, new: str) -> Consequence:
    a, b = (value.split(", tagged")[0].split(", on removal")[0] for value in (old, new))
    if a != b:
        return _lost_resource(a.split(",")[0])
    stateful = a.split(",")[0] in STATEFUL_TYPES or a.split(",")[0] in RELEASED_TYPES
    if _keeps(new) != _keeps(old):
        worse = Consequence.LOSES_DATA if stateful else Consequence.CHANGED
        return worse if _keeps(new) < _keeps(old) else Consequence.HARMLESS
    return Consequence.CHANGED if ", tagged" in old and ", tagged" not in new else Consequence.HARMLESS


def _lost_resource(kind: str) -> Consequence:
    if kind in STATEFUL_TYPES:
        return Consequence.LOSES_DATA
    return Consequence.WEAKENS if kind in table()["protective"] else Consequence.INTERRUPTS


def _changed_logs(old: str, new: str) -> Consequence:
    (days, key), (new_days, new_key) = (value.removeprefix("for ").split(" under ") for value in (old, new))
    a, b = (float("inf") if x == "ever" else float(x.split()[0]) for x in (days, new_days))
    if b < a or ("<" in key and "<" not in new_key):
        return Consequence.WEAKENS
    return Consequence.CHANGED if b == float("inf") != a or (key != new_key and "<" in key) else Consequence.HARMLESS


def _changed_route(old: str, new: str) -> Consequence:
    before, after = (value.partition(", caller checked by ") for value in (old, new))
    if before[2] != after[2]:
        return Consequence.WIDENS if before[2] != "NONE" else Consequence.CHANGED
    return Consequence.INTERRUPTS


_CHANGED: Mapping[str, Callable[[str, str], Consequence]] = {
    "fires": changed_rule,
    "logs": _changed_logs,
    "answers": _changed_route,
    "sends": lambda _, __: Consequence.INTERRUPTS,
    "tag": lambda _, __: Consequence.CHANGED,
}
