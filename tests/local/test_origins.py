"""Commits of versions, asked from CloudTrail and CloudFormation of this machine."""

import json
from datetime import UTC, datetime, timedelta

import pytest

from flux_infra.environments import LOCAL
from ops.aws import Aws
from ops.origins import Origins
from ops.stacks import DeployedStack
from tests.support.stacks import CloudFormation

OLD, NEW = "aaaaaaaaaaaa", "bbbbbbbbbbbb"


def deploy(cloudformation: CloudFormation, change_set: str, *, seconds: int) -> datetime:
    """Deploy the stack Ml with one queue by a change set; answers when that had ended."""
    client, stack = cloudformation.client, "Flux-local-Ml"
    known = {one["StackName"] for one in client.describe_stacks()["Stacks"]}
    template = {
        "Resources": {"Queue": {"Type": "AWS::SQS::Queue", "Properties": {"VisibilityTimeout": seconds}}},
    }
    client.create_change_set(
        StackName=stack,
        ChangeSetName=change_set,
        ChangeSetType="UPDATE" if stack in known else "CREATE",
        TemplateBody=json.dumps(template),
    )
    client.get_waiter("change_set_create_complete").wait(StackName=stack, ChangeSetName=change_set)
    client.execute_change_set(StackName=stack, ChangeSetName=change_set)
    if stack in known:
        client.get_waiter("stack_update_complete").wait(StackName=stack, WaiterConfig={"Delay": 1})
    else:
        client.get_waiter("stack_create_complete").wait(StackName=stack, WaiterConfig={"Delay": 1})
    return datetime.now(UTC)


def test_each_version_is_told_with_its_own_commit_and_a_rollback_hides_none(cloudformation: CloudFormation) -> None:
    session = cloudformation.aws.session()
    aws = Aws(config=LOCAL, session=session, url=cloudformation.aws.url, operator="tests")
    first = deploy(cloudformation, f"flux-{OLD}", seconds=10)
    second = deploy(cloudformation, f"flux-{NEW}", seconds=20)
    deploy(cloudformation, "flux-ops-0123456789ab", seconds=10)

    stack = DeployedStack.read(aws, "Ml")
    found = Origins.read(aws, [stack], since=first - timedelta(minutes=5))
    assert stack.commit == ""
    assert [found.of(stack.name, made).commit for made in (first, second)] == [OLD, NEW]
    assert found.of(stack.name, second).by == "this-machine"


def test_whoever_may_not_ask_cloudtrail_still_knows_the_last_deployment(
    cloudformation: CloudFormation, monkeypatch: pytest.MonkeyPatch
) -> None:
    session = cloudformation.aws.session()
    aws = Aws(config=LOCAL, session=session, url=cloudformation.aws.url, operator="tests")
    made = deploy(cloudformation, f"flux-{NEW}", seconds=30)
    stack = DeployedStack.read(aws, "Ml")
    monkeypatch.setattr("ops.origins._executed", lambda *_, **__: [])
    assert Origins.read(aws, [stack], since=made).of(stack.name, made).commit == NEW
