"""What a rollback writes into a deployed template, on the emulator's CloudFormation."""

import json
from collections.abc import Iterator
from dataclasses import replace

import pytest

from flux_infra.environments import LOCAL
from ops.aws import CHECKOUT_TAG, Aws, connect
from ops.errors import OpsError
from ops.record import Section, amend_template, record_rollback, require_idle, require_stable
from ops.stacks import DeployedStack
from tests.support.emulator import running

STACK = "Flux-local-Compute"


@pytest.fixture(scope="module")
def aws() -> Iterator[Aws]:
    with running() as emulator:
        aws = Aws(config=LOCAL, session=emulator.session(), url=emulator.url, operator="an operator")
        aws.files.create_bucket(Bucket="cdk-hnb659fds-assets-000000000000-us-east-1")
        parameters = {
            name: {"Type": "AWS::SSM::Parameter", "Properties": {"Type": "String", "Value": "deployed"}}
            for name in ("Live", "Other")
        }
        aws.stacks.create_stack(StackName=STACK, TemplateBody=json.dumps({"Resources": parameters}))
        aws.stacks.get_waiter("stack_create_complete").wait(StackName=STACK, WaiterConfig={"Delay": 1})
        yield aws


def set_live(resources: Section) -> list[str]:
    resources["Live"]["Properties"] = {"Type": "String", "Value": "gone back"}
    return ["Live"]


def set_another_too(resources: Section) -> list[str]:
    resources["Other"]["Properties"] = {"Type": "String", "Value": "a surprise"}
    return set_live(resources)


def deployed(aws: Aws) -> DeployedStack:
    return DeployedStack.read(aws, "Compute")


def values(aws: Aws) -> dict[str, object]:
    body: object = aws.stacks.get_template(StackName=STACK, TemplateStage="Original")["TemplateBody"]
    template = body if isinstance(body, dict) else json.loads(str(body))
    return {name: resource["Properties"]["Value"] for name, resource in template["Resources"].items()}


def test_a_change_that_was_not_foreseen_is_not_made(aws: Aws) -> None:
    with pytest.raises(OpsError, match="CloudFormation would also change Other"):
        amend_template(aws, deployed(aws), marks={"Api": "api 2 -> 1"}, edit=set_another_too)
    assert values(aws) == {"Live": "deployed", "Other": "deployed"}
    assert deployed(aws).marks == {}


def test_a_deed_that_cannot_be_written_down_is_said_to_stand(aws: Aws) -> None:
    with pytest.raises(OpsError, match=r"the rollback stands \(api 2 -> 1\)"):
        record_rollback(aws, deployed(aws), marks={"Api": "api 2 -> 1"}, edit=set_another_too)


def test_the_template_then_says_what_is_true_and_who_made_it_so(aws: Aws) -> None:
    amend_template(aws, deployed(aws), marks={"Api": "api 3 -> 1 by someone"}, edit=set_live)
    assert values(aws) == {"Live": "gone back", "Other": "deployed"}
    assert deployed(aws).marks == {"Api": "api 3 -> 1 by someone"}
    require_stable(deployed(aws))


def stack(status: str) -> DeployedStack:
    return DeployedStack(name=STACK, status=status, outputs={}, resources={}, types={})


def test_a_stack_that_is_being_deployed_is_left_alone() -> None:
    with pytest.raises(OpsError, match="a deployment is under way"):
        require_idle(stack("UPDATE_IN_PROGRESS"))


def test_a_stack_that_is_stuck_keeps_cloudformation_out_and_nothing_else() -> None:
    require_idle(stack("UPDATE_ROLLBACK_FAILED"))
    with pytest.raises(OpsError, match="continue-update-rollback"):
        require_stable(stack("UPDATE_ROLLBACK_FAILED"))


def test_the_platform_of_another_checkout_is_not_acted_on(aws: Aws) -> None:
    aws.stacks.create_stack(
        StackName="CDKToolkit",
        TemplateBody=json.dumps({"Resources": {"Any": {"Type": "AWS::CloudFormation::WaitConditionHandle"}}}),
        Tags=[{"Key": CHECKOUT_TAG, "Value": "/home/anna/other"}],
    )
    with pytest.raises(OpsError, match="belongs to the checkout /home/anna/other, not to"):
        connect(replace(LOCAL, aws_url=aws.url))
