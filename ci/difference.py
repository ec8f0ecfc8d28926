"""What `cdk diff` says will happen to resources, and which of it loses something.

The CLI compares templates with CloudFormation's resource schemas, so it knows which property replaces a resource. Its
report is read here, strictly: a line of a resource that is not understood is an error, never "no change".
"""

import re
from dataclasses import dataclass
from typing import Literal, get_args

from policy.stateful import STATEFUL_TYPES

Kind = Literal["added", "changed", "removed"]

# The words that the CLI puts behind a resource (aws-cdk, "ResourceImpact").
Impact = Literal["destroy", "orphan", "replace", "may be replaced"]

_KINDS: dict[str, Kind] = {"+": "added", "\u2190": "added", "~": "changed", "-": "removed"}  # an arrow: imported
_STACK = re.compile(r"Stack (?P<stack>\S+)(?: \(\S+\))?")
# A path has a slash, because every stack is in a Stage; without that a word behind the id could pass for the id.
_RESOURCE = re.compile(
    r"\[(?P<kind>[-+~\u2190])\] (?P<type>[A-Za-z0-9]+::[A-Za-z0-9:_-]+)"
    r"(?: (?P<path>\S+/\S+))? (?P<logical_id>[A-Za-z0-9]+)"
    rf"(?: (?:import|(?P<impact>{'|'.join(get_args(Impact))})))?(?: \(OR .*\))?"
)
# What may be a line of a resource: a mark at the margin and a type. Other sections' lines (outputs, parameters) name
# no type; what a property holds is indented.
_MAYBE_RESOURCE = re.compile(r"\[.\] \S+::")

# What holds something that a new one of its kind would not: data, keys, secrets, messages, addresses, names.
# The three here need not keep their logical ids, but take an outgoing address, a name and a confirmation with them.
STATEFUL = frozenset(STATEFUL_TYPES) | {
    "AWS::EC2::NatGateway",
    "AWS::Route53::RecordSet",
    "AWS::SNS::Subscription",
}


class UnreadableDifferenceError(ValueError):
    """The report of `cdk diff` has a line that this reader does not know."""


@dataclass(frozen=True, kw_only=True)
class Change:
    """What happens to one resource.

    impact: what becomes of the resource that exists, or None if it stays.
    """

    stack: str
    kind: Kind
    resource_type: str
    path: str
    logical_id: str
    impact: Impact | None

    @property
    def destructive(self) -> bool:
        """Whether the existing resource goes, or may go, and takes something with it."""
        return self.impact is not None and self.resource_type in STATEFUL


def read_difference(report: str) -> tuple[Change, ...]:
    """Return the changes of resources in a report of `cdk diff --no-color`.

    Raises:
        UnreadableDifferenceError: the report is empty, or a line of the resources' section is not understood.
    """
    if "Number of stacks with differences:" not in report:
        raise UnreadableDifferenceError("the report has no last line; 'cdk diff' did not finish")
    changes: list[Change] = []
    stack = ""
    for line in report.splitlines():
        if found := _STACK.fullmatch(line):
            stack = found["stack"]
        elif _MAYBE_RESOURCE.match(line):
            changes.append(_read(stack, line))
    return tuple(changes)


def _read(stack: str, line: str) -> Change:
    found = _RESOURCE.fullmatch(line.rstrip())
    if found is None:
        raise UnreadableDifferenceError(f"{stack}: {line!r} is not a line of 'cdk diff' that this reader knows")
    impact = next((impact for impact in get_args(Impact) if impact == found["impact"]), None)
    return Change(
        stack=stack,
        kind=_KINDS[found["kind"]],
        resource_type=found["type"],
        path=found["path"] or found["logical_id"],
        logical_id=found["logical_id"],
        impact=impact,
    )
