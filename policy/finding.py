"""What a rule is, and what it says when it is broken."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from .acknowledgement import Found, is_acknowledged
from .model import Environment, Resource
from .opt_outs import opt_outs


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


@dataclass(frozen=True, kw_only=True)
class Violation:
    """A rule's complaint about one resource, or about the environment if there is none to point at."""

    message: str
    resource: Resource | None = None
    subject: str = ""


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

    def findings(self, environment: Environment) -> Iterator[Finding]:
        """Yield what breaks this rule."""
        for violation in self._violations(environment):
            resource = violation.resource
            if is_acknowledged(self._found(violation, environment)):
                continue
            yield Finding(
                rule=self.rule_id,
                stack=resource.stack if resource else f"Flux-{environment.name}",
                logical_id=resource.logical_id if resource else violation.subject or "-",
                message=violation.message,
                source=self.source,
                remedy=self.remedy,
                path=resource.path if resource else "",
            )

    def acknowledged(self, environment: Environment) -> Iterator[Found]:
        """Yield what breaks this rule and may stay, as the ledger says."""
        for violation in self._violations(environment):
            if is_acknowledged(found := self._found(violation, environment)):
                yield found

    def _violations(self, environment: Environment) -> Iterable[Violation]:
        return () if self.opt_out in opt_outs(environment.config) else self.check(environment)

    def _found(self, violation: Violation, environment: Environment) -> Found:
        resource = violation.resource
        path = resource.path.partition("/")[2].removesuffix("/Resource") if resource else violation.subject
        return Found(
            rule=f"policy::{self.rule_id}",
            environment=environment.name,
            path=path or (resource.name if resource else ""),
            type=resource.type if resource else "",
        )


class Rules:
    """The rules of one file, in the order in which it states them."""

    def __init__(self) -> None:
        self._rules: list[Rule] = []

    def __iter__(self) -> Iterator[Rule]:
        return iter(self._rules)

    def of(
        self, rule_id: str, *types: str, source: str, remedy: str, opt_out: str = ""
    ) -> Callable[[ResourceCheck], ResourceCheck]:
        """Make a rule of the decorated function, which yields messages about one resource of these types."""

        def register(check: ResourceCheck) -> ResourceCheck:
            def every(environment: Environment) -> Iterable[Violation]:
                for resource in environment.of(*types):
                    yield from (Violation(resource=resource, message=text) for text in check(resource, environment))

            self._rules.append(Rule(rule_id=rule_id, source=source, remedy=remedy, check=every, opt_out=opt_out))
            return check

        return register

    def rule(self, rule_id: str, *, source: str, remedy: str) -> Callable[[Check], Check]:
        """Make a rule of the decorated function, which yields violations in a whole environment."""

        def register(check: Check) -> Check:
            self._rules.append(Rule(rule_id=rule_id, source=source, remedy=remedy, check=check))
            return check

        return register
