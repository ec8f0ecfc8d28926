"""What differs between two surfaces of one environment, fact by fact, each with its consequence."""

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from policy.facts.surface import SOMETIMES

from .access import added_sentence, edge_covers, removed_sentence
from .alarms import changed_metric, changed_rule
from .consequence import Consequence
from .directions import changed_property, holds_secret, table
from .fact import Fact, read
from .resources import changed_logs, changed_resource, changed_route, changed_stack, lost_resource


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
    def items(self) -> frozenset[tuple[str, str]]:
        """Subjects, and the paths of their properties as far as a list's first item."""
        numbered = [fact for fact in self.facts if fact.kind == "property" and "]" in fact.key]
        return frozenset((fact.subject, fact.key.partition("]")[0]) for fact in numbered)


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

    def _changed(self, kind: str, before: Fact, after: Fact) -> Consequence:  # noqa: C901, PLR0911 - one line a kind
        old, new = before.value, after.value
        if _NOWHERE in new:  # a line says that it refers to nothing
            return Consequence.HARMLESS
        match before.kind:
            case "is" if kind == "" or "stack " in old[:6]:
                return changed_stack(old, new)
            case "is":
                return changed_resource(old, new)
            case "metric":
                return changed_metric(old, new, upward=self._fires_upward(before.subject))
            case "publishes":
                return Consequence.WIDENS if holds_secret(new) else Consequence.INTERRUPTS
            case "edge":
                return Consequence.CHANGED if edge_covers(before, after) else Consequence.WIDENS
            case "logs":
                return changed_logs(old, new)
            case "answers":
                return changed_route(old, new)
            case "fires":
                return changed_rule(old, new)
            case "sends":
                return Consequence.INTERRUPTS
            case "tag":
                return Consequence.CHANGED
            case _:
                return changed_property(kind, before.path, old, new)

    def _fires_upward(self, alarm: str) -> bool | None:
        (fires,) = self.old.by_key.get(("fires", alarm, "fires"), [None])[:1]
        return None if fires is None else " > " in fires.value or " >= " in fires.value

    def _gone(self, kind: str, fact: Fact, kept: Sequence[Fact], come: Sequence[Fact]) -> Consequence:  # noqa: PLR0911 - one line a kind
        lost = fact.subject in self.old.kinds and fact.subject not in self.new.kinds
        if fact.kind == "is":
            return lost_resource(fact.value.split(",")[0])
        # Another line says what became of it.
        if lost or (fact.sometimes and _always(fact) in self.new.facts) or self._conditional(fact.subject):
            return Consequence.HARMLESS
        match fact.kind:
            case "grant":
                return removed_sentence(fact, kept, come)
            case "edge" if any(edge_covers(other, fact) for other in (*kept, *come)):
                return Consequence.HARMLESS
            case "edge" if any(edge_covers(fact, other) for other in come):
                return Consequence.CHANGED
            case "waits" if any(_awaits(other, fact.value) for other in (*kept, *come)):
                return Consequence.HARMLESS
            case "publishes" if fact.key == "publishes":
                return Consequence.CHANGED
            case "property" | "item":
                return changed_property(kind, fact.path, fact.value, None)
            case "shows" if fact.key.endswith(" of") and not come:
                return Consequence.WEAKENS
            case _:
                return _GONE.get(fact.kind, Consequence.CHANGED)

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
            case "edge" if any(edge_covers(other, fact) for other in earlier):
                return Consequence.HARMLESS
            case "answers" if fact.value.endswith(" NONE"):
                return Consequence.WIDENS
            case "sends" if "NatGatewayId" in fact.value:
                return Consequence.NEW
            case "tells" if "<" in fact.value or "{account}" in fact.value:
                return Consequence.HARMLESS
            case "tag":
                return self._new_tag(fact)
            case "metric" | "shows" | "fires" | "logs" if not fresh:
                return Consequence.CHANGED
            case _ if fact.kind in _COME:
                return _COME[fact.kind]
            case _ if fresh:
                return Consequence.NEW
            case _:
                new_item = "]" in fact.key and (fact.subject, fact.key.partition("]")[0]) not in self.old.items
                return changed_property(kind, fact.path, None, fact.value, in_new_item=new_item)

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

    def _new_tag(self, fact: Fact) -> Consequence:
        layer = fact.subject.split("/")[0]
        overrides = "is not the stack's" in fact.value or ("tag", layer, fact.key) in self.old.by_key
        return Consequence.CHANGED if overrides else Consequence.HARMLESS


# Facts of which a subject has one with this key, so that one that went and one that came are one change.
_PAIRED = {"is", "fires", "metric", "logs", "answers", "sends", "publishes", "edge", "tag", "property"}

# What it means that a fact of some kind is gone or has come, where nothing else of it says more.
_GONE = {
    **dict.fromkeys(("fires", "metric", "tells", "logs"), Consequence.WEAKENS),
    **dict.fromkeys(("edge", "waits", "answers", "sends", "policy", "publishes", "exports"), Consequence.INTERRUPTS),
    "broken": Consequence.HARMLESS,
}
_COME = {
    **dict.fromkeys(("edge", "policy", "exports", "sends", "tells"), Consequence.WIDENS),
    **dict.fromkeys(("answers", "publishes", "metric", "shows", "fires", "logs"), Consequence.NEW),
    "waits": Consequence.HARMLESS,
}

_NOWHERE = "${nowhere:"  # what a reference to no output reads as (intrinsics.py)
_NAMED = re.compile(r"<([A-Z][A-Za-z]+/[^<>\s]+)>")


def _always(fact: Fact) -> Fact:
    return read(fact.line.removeprefix(SOMETIMES))


def _without_case(kind: str, gone: Sequence[Fact], come: Sequence[Fact]) -> tuple[Sequence[Fact], Sequence[Fact]]:
    """Leave out grants that are only written in other capitals."""
    if kind != "grant":
        return gone, come
    both = {fact.value.lower() for fact in gone} & {fact.value.lower() for fact in come}
    kept_gone, kept_come = ([fact for fact in side if fact.value.lower() not in both] for side in (gone, come))
    return kept_gone, kept_come


def _awaits(fact: Fact, other: str) -> bool:
    """Whether a wait for `Construct/*` includes another."""
    return fact.value.endswith("/*") and (other.removesuffix("/*") + "/").startswith(fact.value.removesuffix("*"))
