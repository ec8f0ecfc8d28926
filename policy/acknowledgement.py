"""Findings that stay, and why: by rule and kind of resource, as `ledger.toml` lists them."""

import tomllib
from collections.abc import Container, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path

from .assembly import config_of
from .opt_outs import opt_outs

_FILE = Path(__file__).with_name("ledger.toml")


@dataclass(frozen=True, kw_only=True, order=True)
class Found:
    """A rule that one resource breaks.

    rule: the tool first: `AwsSolutions::AwsSolutions-SQS3`. path: the construct's, below its environment and without
    `/Resource`. type: the resource's, as CloudFormation names it.
    """

    rule: str
    environment: str
    path: str
    type: str

    def __str__(self) -> str:
        """One line, for people."""
        return f"{self.rule}: {self.environment}/{self.path} ({self.type})"


@dataclass(frozen=True, kw_only=True)
class Acknowledgement:
    """One table of the ledger: every rule at every resource of these types.

    rules: in what they say of a resource, `<name>`, `<account>` and `<region>` stand for any environment's, and
        `<AWS::Lambda::Function.Arn>` for any resource of that type.
    places: constructs, where the types alone would say too much. opt_out: the safeguard of environments.py, like
        `Database.standby`, without which alone it applies.
    part: what an environment may have or not, like `datadog`; where none has it, there is nothing to be found.
    reason: why it may stay. Read by whoever reviews it, so a sentence or more.
    review: when to ask again whether the reason still holds.
    """

    rules: Sequence[str]
    types: Sequence[str]
    reason: str
    review: date
    places: Sequence[str] = ()
    opt_out: str = ""
    part: str = ""

    def covers(self, found: Found) -> bool:
        """Whether this is what the entry acknowledges."""
        return (
            found.rule in self.rules
            and found.type in self.types
            and (not self.places or _joined(found.path) in map(_joined, self.places))
            and (not self.opt_out or self.opt_out in _opted_out(found.environment))
        )

    def stale(self, found: Iterable[Found], tools: Container[str]) -> Iterator[str]:
        """Yield what is not among what these tools found: their rules at types or places."""
        found = list(found)
        configs = [config_of(name) for name in {one.environment for one in found}]
        if self.part and all(getattr(config, self.part, None) is None for config in configs):
            return
        covered = [one for one in found if self.covers(one)]
        for rule in (rule for rule in self.rules if rule.partition("::")[0] in tools):
            for kind in self.types:
                if not any((one.rule, one.type) == (rule, kind) for one in covered):
                    yield f"{rule}: {kind}"
            there = {_joined(one.path) for one in covered}
            yield from (f"{rule}: {place}" for place in self.places if _joined(place) not in there)


def _joined(path: str) -> str:
    """Return a construct's path as its logical id begins: all that a template without a manifest tells."""
    return path.replace("/", "")


@cache
def _opted_out(environment: str) -> frozenset[str]:
    return frozenset(opt_outs(config_of(environment)))


@cache
def ledger() -> tuple[Acknowledgement, ...]:
    """Return the whole ledger.

    Raises:
        TypeError: a table lacks a field, or has a key that is none.
    """
    return tuple(Acknowledgement(**table) for table in tomllib.loads(_FILE.read_text())["acknowledgement"])


def is_acknowledged(found: Found) -> bool:
    """Whether the ledger says why this may stay."""
    return any(entry.covers(found) for entry in ledger())


def due(entries: Iterable[Acknowledgement], today: date) -> Iterator[Acknowledgement]:
    """Yield the entries whose reasons are to be looked at again."""
    yield from (entry for entry in entries if entry.review <= today)
