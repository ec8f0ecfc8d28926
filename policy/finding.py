"""What a rule is, and what it says when it is broken."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TypedDict, cast

import yaml

from .acknowledgement import Found
from .model import Environment, Resource
from .opt_outs import opt_outs

_SOURCES = Path(__file__).parent / "rules" / "sources.yaml"


@dataclass(frozen=True, kw_only=True, order=True)
class Finding:
    """One violation. path: the construct's, or empty if the assembly does not tell it."""

    rule: str
    stack: str
    logical_id: str
    message: str
    source: str
    remedy: str
    path: str = ""

    def __str__(self) -> str:
        """One line, for people."""
        where = f" ({self.path})" if self.path else ""
        return f"{self.rule}: {self.stack} {self.logical_id}{where}: {self.message} [{self.source}] -> {self.remedy}"


# What is wrong, and where: a resource, or a name if there is none to point at.
type Violation = tuple[Resource | str, str]
type Check = Callable[[Environment], Iterable[Violation]]
type ResourceCheck = Callable[[Resource, Environment], Iterable[str]]


@dataclass(frozen=True, kw_only=True)
class Rule:
    """One idea of what a template must be.

    source: the standard's requirement, or the title of the documentation. remedy: what to do. opt_out: the field of
    an environment's configuration, like `Database.standby`, that may opt out of this safeguard with a reason.
    """

    rule_id: str
    source: str
    remedy: str
    check: Check
    opt_out: str = ""

    def findings(self, environment: Environment) -> Iterator[tuple[Found, Finding]]:
        """Yield what breaks this rule: as the ledger may name it, and as people read it."""
        for at, message in () if self.opt_out in opt_outs(environment.config) else self.check(environment):
            resource = at if isinstance(at, Resource) else None
            path = resource.path if resource else ""
            place = path.partition("/")[2].removesuffix("/Resource") or (resource.name if resource else at)
            yield (
                Found(
                    rule=f"policy::{self.rule_id}",
                    environment=environment.name,
                    path=str(place),
                    type=resource.type if resource else "",
                ),
                Finding(
                    rule=self.rule_id,
                    stack=resource.stack if resource else f"Flux-{environment.name}",
                    logical_id=resource.logical_id if resource else str(at),
                    message=message,
                    source=self.source,
                    remedy=self.remedy,
                    path=path,
                ),
            )


class _Source(TypedDict):
    source: str
    remedy: str


@cache
def _sources() -> Mapping[str, _Source]:
    return cast("Mapping[str, _Source]", yaml.safe_load(_SOURCES.read_text()))


class Rules(list[Rule]):
    """The rules of one file, in the order in which it states them; sources.yaml says where they come from."""

    def rule(self, rule_id: str) -> Callable[[Check], Check]:
        """Make a rule of the decorated function, which yields violations in a whole environment."""

        def register(check: Check) -> Check:
            self.append(Rule(rule_id=rule_id, check=check, **_sources()[rule_id]))
            return check

        return register

    def of(self, rule_id: str, *types: str) -> Callable[[ResourceCheck], ResourceCheck]:
        """Make a rule of the decorated function, which yields messages about one resource of these types."""

        def register(check: ResourceCheck) -> ResourceCheck:
            @self.rule(rule_id)
            def every(environment: Environment) -> Iterable[Violation]:
                return ((one, text) for one in environment.of(*types) for text in check(one, environment))

            return check

        return register
