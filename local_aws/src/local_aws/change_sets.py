"""Stacks tell of the change set that made them what they are (ChangeSetId), and CloudTrail of those before it.

ministack forgets a change set with its execution. `cdk deploy --change-set-name` leaves a deployment's origin there. Of
all calls only this one is recorded: nothing here asks CloudTrail for others.
"""
# ruff: noqa: SLF001 - ministack's private names; each is listed in ministack.txt

import re
from collections.abc import Mapping

from ministack.core.responses import get_region
from ministack.services import cloudformation, cloudtrail
from ministack.services.cloudformation import changesets, handlers

type Parameters = Mapping[str, object]
type Answer = tuple[int, dict[str, str], bytes]

_STACK_ID = re.compile(rb"<StackId>([^<]+)</StackId>")


def install() -> None:
    """Remember what was executed, and tell it with the stack."""
    execute, describe = handlers._ACTION_HANDLERS["ExecuteChangeSet"], handlers._ACTION_HANDLERS["DescribeStacks"]
    executed: dict[bytes, bytes] = {}  # change sets by their stacks, both by id

    def execute_change_set(params: Parameters) -> Answer:
        name, stack = (cloudformation._p(params, key) for key in ("ChangeSetName", "StackName"))
        identifier, change_set = changesets._find_change_set(name, stack)
        answer: Answer = execute(params)
        if answer[0] == 200:
            executed[change_set["StackId"].encode()] = identifier.encode()
            cloudtrail.record_event(
                service="cloudformation",
                event_name="ExecuteChangeSet",
                username="this-machine",
                access_key_id="",
                resources=[{"ResourceType": "AWS::CloudFormation::Stack", "ResourceName": change_set["StackName"]}],
                region=get_region(),
                request_id=identifier.rpartition("/")[2],
                user_agent="",
                request_params={"stackName": change_set["StackName"], "changeSetName": identifier},
                method="POST",
            )
        return answer

    def with_change_set(stack_id: re.Match[bytes]) -> bytes:
        identifier = executed.get(stack_id[1])
        return stack_id[0] + (b"<ChangeSetId>%s</ChangeSetId>" % identifier if identifier else b"")

    def describe_stacks(params: Parameters) -> Answer:
        status, headers, body = describe(params)
        return status, headers, _STACK_ID.sub(with_change_set, body)

    handlers._ACTION_HANDLERS["ExecuteChangeSet"] = execute_change_set
    handlers._ACTION_HANDLERS["DescribeStacks"] = describe_stacks
