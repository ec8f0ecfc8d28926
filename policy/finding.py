"""What a rule is, and what it says when it is broken."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from .model import Environment, Resource
from .values import Json
from .wanted import Test


@dataclass(frozen=True, kw_only=True, order=True)
class Finding:
    """One violation. path: the construct's, or empty if the assembly does not tell it."""

    rule: str
    stack: str
    logical_id: str
    what: str
    source: str
    remedy: str
    path: str = ""

    def __str__(self) -> str:
        """One line, for people."""
        where = f" ({self.path})" if self.path else ""
        return f"{self.rule}: {self.stack} {self.logical_id}{where}: {self.what} [{self.source}] -> {self.remedy}"


@dataclass(frozen=True, kw_only=True)
class Broken:
    """A rule's complaint about one resource, or about the environment if there is none to point at."""

    what: str
    resource: Resource | None = None
    subject: str = ""


_LONGEST = 120  # characters of a value in a message

type Check = Callable[[Environment], Iterable[Broken]]


@dataclass(frozen=True, kw_only=True)
class Rule:
    """One idea of what a template must be.

    source: the standard's requirement, or the title of the documentation. remedy: what to do.
    """

    rule_id: str
    source: str
    remedy: str
    check: Check

    def findings(self, environment: Environment) -> Iterator[Finding]:
        """Yield what breaks this rule."""
        for broken in self.check(environment):
            resource = broken.resource
            yield Finding(
                rule=self.rule_id,
                stack=resource.stack if resource else f"Flux-{environment.name}",
                logical_id=resource.logical_id if resource else broken.subject or "-",
                what=broken.what,
                source=self.source,
                remedy=self.remedy,
                path=resource.path if resource else "",
            )


class Rules:
    """One layer's rules, in the order in which the file states them."""

    def __init__(self) -> None:
        self._rules: list[Rule] = []

    def __iter__(self) -> Iterator[Rule]:
        return iter(self._rules)

    def demands(
        self, of: str, *rows: tuple[str, str, Test, str, str], when: Callable[[Environment], bool] = lambda _: True
    ) -> None:
        """Make a rule of every row: its id, the property's path, what it must be, the source, and the remedy.

        of: a resource type, or one resource's name (`Layer/ConstructNames`). when: in which environments.
        """
        for rule_id, path, test, source, remedy in rows:
            self.demand(rule_id, of, path, test, source=source, remedy=remedy, when=when)

    def demand(  # noqa: PLR0913 - a demand's parts, each of which a reader wants to see
        self,
        rule_id: str,
        of: str,
        path: str,
        test: Test,
        *,
        source: str,
        remedy: str,
        when: Callable[[Environment], bool] = lambda _: True,
    ) -> None:
        """Make a rule of what one property must be.

        of: a resource type, or one resource's name (`Layer/ConstructNames`). when: in which environments.
        """

        def check(environment: Environment) -> Iterable[Broken]:
            if not when(environment):
                return
            for resource in environment.resources():
                if of not in (resource.type, resource.name):
                    continue
                value = resource.get(path)
                if not test.holds(value, environment):
                    what = f"{path} is {_short(value)}; must be {test.says(environment)}"
                    yield Broken(resource=resource, what=what)

        self._rules.append(Rule(rule_id=rule_id, source=source, remedy=remedy, check=check))

    def rule(self, rule_id: str, *, source: str, remedy: str) -> Callable[[Check], Check]:
        """Make the decorated function a rule."""

        def register(check: Check) -> Check:
            self._rules.append(Rule(rule_id=rule_id, source=source, remedy=remedy, check=check))
            return check

        return register


def _short(value: Json) -> str:
    text = "absent" if value is None else repr(value)
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"
