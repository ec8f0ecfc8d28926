"""What a property's change does, by directions.yaml and by CloudFormation's own schemas."""

import re
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import TypedDict, cast

import yaml

from policy.registry import schema
from policy.rules.secrets import is_credential
from policy.stateful import RELEASED_TYPES, STATEFUL_TYPES
from policy.statements import matches
from policy.values import as_number

from .consequence import Consequence
from .fact import item_values
from .scales import cache_rights_gained, content_policy, machine, runs_a_week

FILE = Path(__file__).with_name("directions.yaml")
_FAR = 2.0  # a value more than so many times as large or small is another decision
_LITTLE = 0.8  # a capacity or a time that loses less than a fifth seldom stops anything
_SECRET_DEFAULT = re.compile(r"(?i:password|passwd|secret|token)\w*: \{Default: [^\s/<{},]{6}")  # of a parameter
_SECRET_NAME = re.compile(r"(?i:password|passwd|pw|secret|token|credentials?|(?:api|signing|private|access)_?key)$")
# Another account: our own is written {account}. AWS's own accounts stand where a name says so, and do not come anew.
_ANOTHER_ACCOUNT = re.compile(r"(?<![\w.])\d{12}(?![\w.])")
_PLAIN = re.compile(r"(?i:http://(?!127\.|localhost)|sslmode=(?:disable|allow|prefer)\b)")
_REFERENCE = re.compile(r"<[A-Z][^<>\s]*>")
_REGIONAL = re.compile(r"Regional(?=DomainName>)")  # a bucket has two addresses

type Paths = Sequence[str] | Mapping[str, Sequence[str]]
type Judge = Callable[[str | None, str | None, Consequence], Consequence]


class _Table(TypedDict):
    types: Mapping[str, Mapping[str, Mapping[str, Paths]]]
    words: Sequence[str]
    defaults: Mapping[str, Mapping[str, str]]
    protective: Sequence[str]
    opening: Sequence[str]


@cache
def table() -> _Table:
    """Return directions.yaml."""
    return cast("_Table", yaml.load(FILE.read_text(), Loader=yaml.BaseLoader))  # noqa: S506 - texts only, `on` included


def holds_secret(text: str) -> bool:
    """Whether a text looks like a secret's value, or has CloudFormation put one there."""
    literal = is_credential(_REFERENCE.sub("${}", text))
    return literal or "{{resolve:" in text or _SECRET_DEFAULT.search(text) is not None


def _is_secret(path: str, value: str) -> bool:
    """Whether a property's value is a secret, or its name says that it is."""
    literal = _REFERENCE.sub("", value)
    named = _SECRET_NAME.search(path) is not None and len(literal) >= 6 and literal.lower() not in ("true", "false")
    return holds_secret(value) or (named and as_number(literal) is None and not re.match(r"arn:|/.*/|https?:", literal))


def changed_property(  # noqa: PLR0911 - one line a reason
    kind: str, path: str, old: str | None, new: str | None, *, in_new_item: bool = False
) -> Consequence:
    """Return what it does that a property goes from one value to another; None is not written.

    in_new_item: whether it came with a whole new item of a list.
    """
    if new is not None and _is_secret(path, new) and not (old is not None and _is_secret(path, old)):
        return Consequence.WIDENS
    if any(matches(pattern, path) for pattern in table()["words"]) and not (
        kind in STATEFUL_TYPES and _replaces(kind, path)
    ):
        return Consequence.HARMLESS if old is not None and new is not None else Consequence.CHANGED
    default = table()["defaults"].get(kind, {}).get(path, schema(kind).defaults.get(path))
    old, new = (default if value is None else value for value in (old, new))
    no_case = path.endswith("IdentitySource")  # names of headers have no case
    if old == new or (no_case and old is not None and new is not None and old.lower() == new.lower()):
        return Consequence.HARMLESS
    replaces = _replaces(kind, path)
    if replaces and kind in STATEFUL_TYPES:
        return Consequence.LOSES_DATA
    unknown = Consequence.INTERRUPTS if replaces and kind not in table()["protective"] else Consequence.CHANGED
    for came, consequence in ((_ANOTHER_ACCOUNT, Consequence.WIDENS), (_PLAIN, Consequence.WEAKENS)):
        if came.search(new or "") and not came.search(old or ""):
            return consequence
    for consequence, direction, ladder in _entries(kind, path):
        if in_new_item and direction == "longer":
            return Consequence.CHANGED
        judged = _ladder(ladder, old, new, consequence) if ladder else _JUDGES[direction](old, new, consequence)
        return unknown if judged is Consequence.CHANGED else judged
    return unknown


def _replaces(kind: str, path: str) -> bool:
    if kind in RELEASED_TYPES:
        return False
    return any(path == name or path.startswith(f"{name}.") for name in schema(kind).create_only)


@cache
def _entries(kind: str, path: str) -> Sequence[tuple[Consequence, str, tuple[str, ...]]]:
    """Return the entries that speak of a property: its consequence, direction and ladder, exact paths first."""
    entries = []
    for scope in (kind, f"{kind.split('::', maxsplit=1)[0]}::*", "Any"):
        found = []
        for name, directions in table()["types"].get(scope, {}).items():
            for direction, paths in directions.items():
                for pattern in (pattern for pattern in paths if matches(pattern, path)):
                    ladder = tuple(paths[pattern]) if isinstance(paths, Mapping) else ()
                    rank = (direction == "keep", -len(pattern.replace("*", "")))
                    found.append((rank, (Consequence(name), direction, ladder)))
        entries += [entry for _, entry in sorted(found, key=lambda item: item[0])]
    return entries


def _numbers(sign: int, *, off: bool = False, for_ever: bool = False, only: bool = False) -> Judge:
    """A number that may go one way. off: 0 and less are off. for_ever: not written is best. only: no way is safe."""

    def judge(old: str | None, new: str | None, worse: Consequence) -> Consequence:
        if for_ever and (old is None or new is None):
            return worse if old is None else Consequence.CHANGED
        a, b = as_number(old), as_number(new)
        if a is None or b is None:
            return Consequence.CHANGED if old is None or (new is not None and a is None) else worse
        if off and (a <= 0) != (b <= 0):
            return worse if b <= 0 else Consequence.CHANGED
        if (b - a) * sign < 0:
            slight = worse is Consequence.INTERRUPTS and a > 0 and b / a >= _LITTLE and sign > 0
            return Consequence.CHANGED if slight else worse
        near = a > 0 and b > 0 and 1 / _FAR <= b / a <= _FAR
        return Consequence.HARMLESS if near and not only else Consequence.CHANGED

    return judge


def _flag(best: str) -> Judge:
    def judge(old: str | None, new: str | None, worse: Consequence) -> Consequence:
        said = {"1": "true", "0": "false"}
        before, after = (said.get(x or "", (x or "").lower()) for x in (old, new))
        if after == best:
            return Consequence.HARMLESS if old is not None else Consequence.CHANGED
        return worse if before == best or after else Consequence.CHANGED

    return judge


def _ladder(ladder: Sequence[str], old: str | None, new: str | None, worse: Consequence) -> Consequence:
    if new not in ladder:
        return worse if old in ladder else Consequence.CHANGED
    if old not in ladder:
        return worse if new == ladder[0] else Consequence.CHANGED
    return Consequence.HARMLESS if ladder.index(new) >= ladder.index(old) else worse


def _list(*, may_grow: bool, everything: bool = False) -> Judge:
    def judge(old: str | None, new: str | None, worse: Consequence) -> Consequence:
        if everything and (old is None or new is None):
            return worse if old is None else Consequence.HARMLESS
        a, b = item_values(old or ""), item_values(new or "")
        kept = a <= b if may_grow else "*" in a if "*" in b else b <= a
        return Consequence.HARMLESS if kept else worse

    return judge


def _version(old: str | None, new: str | None, worse: Consequence) -> Consequence:
    a, b = ([int(part) for part in re.findall(r"\d+", text or "")] for text in (old, new))
    return worse if b < a else Consequence.CHANGED


def _often(old: str | None, new: str | None, worse: Consequence) -> Consequence:
    a, b = runs_a_week(old or ""), runs_a_week(new or "")
    return worse if new is None or (a is not None and b is not None and b < a) else Consequence.CHANGED


def _exact(old: str | None, new: str | None, worse: Consequence) -> Consequence:
    a, b = item_values(old or ""), item_values(new or "")
    return worse if b - a else Consequence.INTERRUPTS if a - b else Consequence.HARMLESS


def _keep(old: str | None, new: str | None, worse: Consequence) -> Consequence:
    if old is None or new is None or _REFERENCE.search(old) is None:
        return _key(old, new, worse)
    if _REGIONAL.sub("", old) == _REGIONAL.sub("", new):
        return Consequence.HARMLESS
    return worse if _REFERENCE.findall(old) != _REFERENCE.findall(new) else Consequence.CHANGED


def _key(old: str | None, new: str | None, worse: Consequence) -> Consequence:
    if old is None:
        return Consequence.HARMLESS if new is not None and _REFERENCE.search(new) else Consequence.CHANGED
    if new is None or (_REFERENCE.search(old) and not _REFERENCE.search(new)):
        return worse
    return Consequence.CHANGED


def _pin(old: str | None, new: str | None, worse: Consequence) -> Consequence:
    if old is None or new is None:
        return Consequence.CHANGED if old is None else worse
    gains = old.startswith("[") and item_values(old) <= item_values(new)
    return Consequence.CHANGED if gains or new.startswith(f"{old}, ") else worse  # an order with more at its end


def _machine(old: str | None, new: str | None, worse: Consequence) -> Consequence:
    a, b = machine(old or ""), machine(new or "")
    if a is None or b is None:
        return Consequence.CHANGED
    if b.memory < a.memory or b.processor != a.processor:
        return worse
    newer = b.generation >= a.generation and b.memory <= a.memory * _FAR
    return Consequence.HARMLESS if newer else Consequence.CHANGED


_JUDGES: Mapping[str, Judge] = {
    "up": _numbers(1),
    "down": _numbers(-1),
    "down_not_off": _numbers(-1, off=True),
    "floor": _numbers(1, only=True),
    "version": _version,
    "long": _numbers(1, for_ever=True),
    "longer": _numbers(1, for_ever=True),
    "on": _flag("true"),
    "off": _flag("false"),
    "grow": _list(may_grow=True),
    "shrink": _list(may_grow=False),
    "all_or": _list(may_grow=True, everything=True),
    "exact": _exact,
    "often": _often,
    "keep": _keep,
    "key": _key,
    "pin": _pin,
    "avoid": lambda _, new, worse: Consequence.CHANGED if new is None else worse,
    "never": lambda _, __, worse: worse,
    "machine": _machine,
    "content_policy": lambda old, new, worse: worse if new is None else content_policy(old or "", new, worse),
    "cache_rights": lambda old, new, worse: worse if cache_rights_gained(old or "", new or "") else Consequence.CHANGED,
}
