"""What a changed grant, denial or security group rule does."""

import ipaddress
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from policy.statements import matches

from .consequence import Consequence
from .fact import Fact

# Conditions that hold for every request of our own roles, and for what our own resources are asked.
_ALWAYS = {
    "may": {"aws:resourceaccount is {account}", "aws:principalaccount is {account}", "aws:requestedregion is {region}"},
    "lets": {"aws:resourceaccount is {account}"},
}
_OVER_TLS = "aws:securetransport is true"
# A denial with one of these refuses only strangers, or what is not encrypted on its way.
_GUARDS = re.compile(
    r"aws:securetransport (is|boolifexists) false"
    r"|aws:(principalaccount|principalorgid|sourceaccount|resourceaccount) stringnotequals\w* [^ ]+"
    r"|s3:x-amz-server-side-encryption\S* stringnotequals\w* .+"
    r"|s3:tlsversion numericlessthan\w* 1\.[0-3]"
)
# What ends something is seldom done, and then by people: to deny it stops nothing.
_ENDS = re.compile(r"delete|disable|remove|schedule\w*deletion|put\w*policy")
_TLS = re.compile(r"s3:tlsversion numericlessthan\w* (\d\.\d)")


@dataclass(frozen=True, kw_only=True)
class Sentence:
    """A grant or a denial, in lower case: IAM's actions and condition keys have no case."""

    verb: str
    who: str
    action: str
    on: str
    conditions: frozenset[str]

    @classmethod
    def of(cls, fact: Fact) -> "Sentence":
        """Read a `may`, `may not`, `lets` or `forbids`."""
        main, _, when = fact.value.partition(" when ")
        who, _, rest = main.rpartition(": ") if fact.key in ("lets", "forbids") else ("", "", main)
        action, _, on = rest.partition(" on ")
        conditions = frozenset(part.lower() for part in when.split(" and ") if part)
        return cls(verb=fact.key, who=who, action=action.lower(), on=on, conditions=conditions)

    def covers(self, other: "Sentence", *, still: bool = False) -> bool:
        """Whether this gives or denies all that the other does; `still`: as far as our own requests go."""
        needed = self.needed - (_ALWAYS.get(self.verb, set()) if still else set())
        return (
            (self.verb, self.who) == (other.verb, other.who)
            and matches(self.action, other.action)
            and (matches(self.on, other.on) or self.on == "*")
            and needed <= other.needed | other.implied
        )

    @property
    def implied(self) -> frozenset[str]:
        """What follows from the conditions: one of our resources is in our account."""
        ours = any(condition.startswith("aws:sourcearn is <") for condition in self.conditions)
        return frozenset({"aws:sourceaccount is {account}"} if ours else ())

    @property
    def needed(self) -> frozenset[str]:
        """The conditions that may fail: who asks AWS by its own libraries asks over TLS."""
        return self.conditions - {_OVER_TLS}


def removed_sentence(fact: Fact, kept: Iterable[Fact], added: Sequence[Fact]) -> Consequence:
    """What it means that a grant or a denial is gone. kept, added: others of the same subject and verb."""
    old = Sentence.of(fact)
    instead = [Sentence.of(other) for other in added]
    if any(other.covers(old, still=True) for other in instead):
        return Consequence.HARMLESS
    if any(Sentence.of(other).covers(old) for other in kept):
        return Consequence.CHANGED
    if old.verb in ("may not", "forbids"):
        return Consequence.HARMLESS if any(_stricter_tls(old, other) for other in instead) else Consequence.WEAKENS
    # A part of it is left: fewer actions of a pattern.
    narrower = any(old.covers(other) and other.needed <= old.needed | old.implied for other in instead)
    return Consequence.CHANGED if narrower else Consequence.INTERRUPTS


def added_sentence(fact: Fact, before: Iterable[Fact], gone: Iterable[Fact], grants: Sequence[Fact]) -> Consequence:
    """What a new grant or denial means.

    before, gone: what was of the same subject and verb, and what of it went; grants: all that is allowed.
    """
    new = Sentence.of(fact)
    earlier = [Sentence.of(other) for other in before]
    if any(Sentence.of(other).covers(new) for other in gone):
        return Consequence.HARMLESS
    if any(other.covers(new) for other in earlier):
        return Consequence.CHANGED
    if new.verb in ("may", "lets"):
        return Consequence.WIDENS
    guards = any(_GUARDS.fullmatch(condition) for condition in new.conditions)
    if guards or any(_stricter_tls(other, new) for other in earlier):
        return Consequence.HARMLESS
    return Consequence.INTERRUPTS if any(_stops(fact, new, Sentence.of(g), g) for g in grants) else Consequence.CHANGED


def _stops(denial: Fact, new: Sentence, grant: Sentence, fact: Fact) -> bool:
    """Whether a denial without conditions takes away what something may do."""
    partly = matches(grant.action, new.action) and not _ENDS.match(new.action.partition(":")[2])
    if not partly and not matches(new.action, grant.action):
        return False
    own = fact.subject == denial.subject
    if new.verb == "may not":
        return own and ("*" in new.on or matches(grant.on, new.on))
    return own or f"<{denial.subject}" in fact.value


def _stricter_tls(old: Sentence, new: Sentence) -> bool:
    """Whether a denial of old TLS became a denial of more of it."""
    versions = [[m[1] for c in s.conditions if (m := _TLS.fullmatch(c))] for s in (old, new)]
    same = (old.verb, old.who, old.action, old.on) == (new.verb, new.who, new.action, new.on)
    return same and all(versions) and min(versions[1]) >= max(versions[0])


_EDGE = re.compile(r"(?P<protocol>all traffic|\S+)(?: (?P<low>-?\d+)(?:-(?P<high>-?\d+))?)? (?:from|to) (?P<peer>.+)")


def edge_covers(wide: Fact, narrow: Fact) -> bool:
    """Whether one security group rule lets through all that another does."""
    if wide.key != narrow.key:
        return False
    if narrow.value in ("nothing", wide.value):
        return True
    a, b = _EDGE.fullmatch(wide.value), _EDGE.fullmatch(narrow.value)
    if a is None or b is None:
        return False
    protocol = a["protocol"] == "all traffic" or a["protocol"] == b["protocol"]
    ports = a["low"] is None or (
        b["low"] is not None
        and int(a["low"]) <= int(b["low"])
        and int(b["high"] or b["low"]) <= int(a["high"] or a["low"])
    )
    return protocol and ports and _reaches(a["peer"], b["peer"])


def _reaches(wide: str, narrow: str) -> bool:
    if wide == narrow:
        return True
    try:
        a, b = ipaddress.ip_network(wide), ipaddress.ip_network(narrow)
    except ValueError:
        return False
    return isinstance(a, ipaddress.IPv4Network) and isinstance(b, ipaddress.IPv4Network) and b.subnet_of(a)
