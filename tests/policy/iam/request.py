"""What the tables are made of: requests that a role must be able to make, and requests that it must not."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, kw_only=True)
class Request:
    """One call to AWS.

    resource: `Layer/Construct` as the policy gate names it, or a part of that (`Frontend/SiteBucket/releases/1.html`,
        `Compute/FunctionsApiLogs:log-stream:1`); an ARN, in which `<name>`, `<account>`, `<region>` and
        `<copy-region>` stand for the environment's, and `${Layer/Construct}` for a name; or `*` for actions that
        take no resource.
    context: condition keys of this call besides those that every call has.
    """

    action: str
    resource: str
    context: Mapping[str, str] = field(default_factory=dict)

    def __str__(self) -> str:
        """Name it in a test's failure."""
        given = "".join(f" {key}={value}" for key, value in self.context.items())
        return f"{self.action} on {self.resource}{given}"


@dataclass(frozen=True, kw_only=True)
class Table:
    """What one role must be able to do, and what it must not.

    Denied here is what this role alone is tempted to; what no function may do is in everybody.py.
    """

    allowed: tuple[Request, ...]
    denied: tuple[Request, ...]


def calls(actions: str, *resources: str, when: Mapping[str, str] | None = None) -> tuple[Request, ...]:
    """Requests of each action on each resource.

    actions: the service once, then its actions with spaces between them: `sqs:SendMessage GetQueueUrl`.
    when: condition keys of these calls.
    """
    service, _, names = actions.partition(":")
    return tuple(
        Request(action=f"{service}:{name}", resource=resource, context=when or {})
        for name in names.split()
        for resource in resources
    )
