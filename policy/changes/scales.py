"""Values whose order is not that of numbers: sizes of machines, content policies, rights in a cache."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from .consequence import Consequence

_CLASS = re.compile(r"(?:db\.|cache\.|ml\.)?(?P<family>[a-z]+)(?P<generation>\d)(?P<variant>[a-z-]*)\.(?P<size>\w+)")
_SIZES = {"nano": 0.125, "micro": 0.25, "small": 0.5, "medium": 1.0, "large": 2.0, "xlarge": 4.0}
# GiB of memory for each virtual CPU, by family: https://aws.amazon.com/ec2/instance-types/
_MEMORY = {"c": 2.0, "m": 4.0, "t": 4.0, "r": 8.0, "x": 16.0}
_NOTHING = frozenset({"'none'"})


@dataclass(frozen=True, kw_only=True)
class Machine:
    """memory: GiB. processor: `g` for AWS's own, else empty."""

    memory: float
    generation: int
    processor: str


def machine(text: str) -> Machine | None:
    """Read an instance class like `db.r7g.2xlarge`."""
    match = _CLASS.fullmatch(text)
    if match is None or match["family"] not in _MEMORY:
        return None
    size = match["size"]
    times = re.fullmatch(r"(\d+)xlarge", size)
    processors = int(times[1]) * 4.0 if times else _SIZES.get(size)
    if processors is None:
        return None
    memory, processor = processors * _MEMORY[match["family"]], "g" if "g" in match["variant"] else ""
    return Machine(memory=memory, generation=int(match["generation"]), processor=processor)


def content_directives(policy: str) -> Mapping[str, frozenset[str]]:
    """Read a Content-Security-Policy: each directive with its sources. The first of a name counts."""
    parts = (part.lower().split() for part in reversed(policy.split(";")))
    return {words[0]: frozenset(words[1:]) for words in parts if words}


def _sources(directives: Mapping[str, frozenset[str]], name: str) -> frozenset[str] | None:
    """What a directive allows; fetches that it does not name fall back on a wider directive."""
    fallback = re.sub(r"-(attr|elem)$", "", name)
    names = (name, fallback, "default-src") if fallback.endswith("-src") else (name,)
    return next((directives[known] for known in names if known in directives), None)


def content_policy(old: str, new: str, worse: Consequence) -> Consequence:
    """Compare two Content-Security-Policies (https://www.w3.org/TR/CSP3/): the same in other words is harmless."""
    a, b = content_directives(old), content_directives(new)
    if a == b:
        return Consequence.HARMLESS
    for name in a.keys() | b.keys():
        before, after = _sources(a, name), _sources(b, name)
        if before is not None and (after is None or not after - _NOTHING <= before):
            return worse
    return Consequence.CHANGED


def cache_rights_gained(old: str, new: str) -> bool:
    """Whether an access string gives what another did not (https://valkey.io/topics/acl/)."""
    a, b = set(old.split()), set(new.split())
    gained = {word for word in b - a if not word.startswith("-") and word not in ("on", "off", "resetkeys")}
    lost = {word for word in a - b if word.startswith(("-", "reset")) or word == "off"}
    for everything, kind in (("+@all", "+@"), ("~*", "~"), ("&*", "&")):
        if everything in a:
            gained = {word for word in gained if not word.startswith(kind)}
    return bool(gained or lost)


# The fields of a cron expression: how many values each has.
_FIELDS = (60, 24, 31, 12, 7, 1)
_MINUTES = {"minute": 1, "hour": 60, "day": 1440}


def runs_a_week(schedule: str) -> float | None:
    """Return how often a schedule runs (EventBridge User Guide, "Cron expressions reference"); None if unreadable."""
    if rate := re.fullmatch(r"rate\((\d+) (minute|hour|day)s?\)", schedule):
        return 7 * 1440 / (int(rate[1]) * _MINUTES[rate[2]])
    fields = schedule.removeprefix("cron(").removesuffix(")").split()
    if len(fields) != len(_FIELDS):
        return None
    shares = [min(_values(field, size) / size, 1) for field, size in zip(fields, _FIELDS, strict=True)]
    return 7 * 1440 * shares[0] * shares[1] * shares[2] * shares[3] * shares[4]


def _values(field: str, size: int) -> float:
    """Return how many of its values a field means; a range of names counts as five days."""
    count = 0.0
    for part in field.split(","):
        whole, _, step = part.partition("/")
        low, _, high = whole.partition("-")
        some = size if whole in ("*", "?") or step else 1
        if high:
            some = int(high) - int(low) + 1 if low.isdigit() and high.isdigit() else 5
        count += some / int(step or 1)
    return count
