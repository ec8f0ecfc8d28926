"""Where a version comes from: when it was made, from which commit, and by whom.

CloudFormation tells of a stack's last change set alone, and `scripts/cdk deploy` names change sets after commits. The
ones before it are remembered by CloudTrail, for 90 days and without being set up ("Working with CloudTrail event
history", CloudTrail User Guide).
"""

import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Self

from botocore.exceptions import ClientError

if TYPE_CHECKING:
    from .aws import Aws
    from .stacks import DeployedStack

_COMMIT = re.compile(r"(?:.*:changeSet/)?flux-([0-9a-f]{7,40}(?:-dirty)?)(?:/.*)?")

# CloudTrail delivers events "within an average of about 5 minutes of an API call. This time is not guaranteed."
_LATE = timedelta(minutes=15)
# A version is made while its stack is deployed; nothing of Flux takes longer.
_DEPLOYMENT = timedelta(hours=3)
# Two questions a second are answered, of 50 events each; some 70 deployments of an environment.
_MOST_EVENTS = 500


@dataclass(frozen=True, kw_only=True)
class Origin:
    """made: when. commit: "" if unknown. by: who did it, or ""."""

    made: datetime | None
    commit: str = ""
    by: str = ""

    def __str__(self) -> str:
        when = "at an unknown time" if self.made is None else f"{self.made.astimezone(UTC):%Y-%m-%d %H:%M} UTC"
        commit = f"commit {self.commit}" if self.commit else "commit unknown"
        return f"{when}, {commit}{f', by {self.by}' if self.by else ''}"


UNKNOWN = Origin(made=None)


def commit_of(change_set: str) -> str:
    """The commit that a change set's name or ARN names; "" if it names none."""
    found = _COMMIT.fullmatch(change_set)
    return found[1] if found else ""


@dataclass(frozen=True, kw_only=True)
class Deployed:
    """One change set that was executed. stack: its name."""

    stack: str
    at: datetime
    commit: str
    by: str = ""


@dataclass(frozen=True, kw_only=True)
class Origins:
    """What was deployed, newest first, and when this was asked."""

    deployed: Sequence[Deployed]
    asked: datetime

    @classmethod
    def read(cls, aws: "Aws", stacks: Iterable["DeployedStack"], *, since: datetime) -> Self:
        """Ask CloudTrail for what was deployed after `since`; who may not ask it knows the last deployments alone."""
        names = {stack.name: stack for stack in stacks}
        last = [
            Deployed(stack=stack.name, at=stack.changed, commit=stack.commit)
            for stack in names.values()
            if stack.changed and stack.commit
        ]
        found = [one for one in _executed(aws, since=since - _DEPLOYMENT) if one.stack in names]
        return cls(deployed=sorted([*last, *found], key=lambda one: one.at, reverse=True), asked=datetime.now(UTC))

    def of(self, stack: str, made: datetime | None) -> Origin:
        """The origin of what one stack made at a moment."""
        if made is None:
            return UNKNOWN
        before = [one for one in self.deployed if one.stack == stack and one.at <= made]
        # What was made just now may come from a deployment that CloudTrail has not heard of.
        if not before or (made - before[0].at > _DEPLOYMENT):
            return Origin(made=made)
        if self.asked - made < _LATE and not any(one.at >= made - _LATE for one in before):
            return Origin(made=made)
        return Origin(made=made, commit=before[0].commit, by=before[0].by)


def _executed(aws: "Aws", *, since: datetime) -> list[Deployed]:
    pages = aws.trail.get_paginator("lookup_events").paginate(
        LookupAttributes=[{"AttributeKey": "EventName", "AttributeValue": "ExecuteChangeSet"}],
        StartTime=since,
        PaginationConfig={"MaxItems": _MOST_EVENTS},
    )
    found = []
    try:
        for event in (event for page in pages for event in page["Events"]):
            record = json.loads(event["CloudTrailEvent"])
            asked = record.get("requestParameters") or {}
            if "errorCode" in record:
                continue
            # A stack is named, or given by its ARN: arn:aws:cloudformation:<region>:<account>:stack/<name>/<id>.
            name = str(asked.get("stackName", "")).partition(":stack/")
            commit = commit_of(str(asked.get("changeSetName", "")))
            stack = name[2].partition("/")[0] or name[0]
            found.append(Deployed(stack=stack, at=event["EventTime"], commit=commit, by=event.get("Username", "")))
    except ClientError:  # without the right to ask, versions have their time alone
        return []
    return found
