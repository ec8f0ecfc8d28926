"""All checkouts have one address for AWS on this machine: a command acts on its own checkout's platform only."""

import ast
import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from flux_infra.environments import LOCAL
from ops import verbs
from ops.aws import CHECKOUT, CHECKOUT_TAG, Aws, require_this_checkout
from ops.errors import OpsError
from tests.support.stacks import CloudFormation

if TYPE_CHECKING:
    from mypy_boto3_cloudformation.type_defs import TagTypeDef

TEMPLATE = json.dumps({"Resources": {"Topic": {"Type": "AWS::SNS::Topic"}}})


@pytest.mark.parametrize("owner", [str(CHECKOUT), "/home/anna/flux"])
def test_the_platform_of_another_checkout_is_refused_with_where_it_is(
    owner: str, cloudformation: CloudFormation
) -> None:
    aws = Aws(config=LOCAL, session=cloudformation.aws.session(), url=cloudformation.aws.url, operator="tests")
    tags: list[TagTypeDef] = [{"Key": CHECKOUT_TAG, "Value": owner}]
    cloudformation.client.create_stack(StackName="CDKToolkit", TemplateBody=TEMPLATE, Tags=tags)
    cloudformation.client.get_waiter("stack_create_complete").wait(StackName="CDKToolkit", WaiterConfig={"Delay": 1})
    try:
        if owner == str(CHECKOUT):
            require_this_checkout(aws)
        else:
            with pytest.raises(OpsError, match="/home/anna/flux") as error:
                require_this_checkout(aws)
            assert "'make down' there" in error.value.remedy
    finally:
        cloudformation.delete("CDKToolkit")


ASK_NOBODY = {"cost.py"}  # it reads templates


def test_every_verb_reaches_an_environment_through_connect_which_compares_the_checkout() -> None:
    folder = Path(verbs.__file__).parent
    for file in folder.glob("*.py"):
        tree = ast.parse(file.read_text())
        if any(isinstance(node, ast.FunctionDef) and node.name == "run" for node in ast.walk(tree)):
            called = {ast.unparse(node.func) for node in ast.walk(tree) if isinstance(node, ast.Call)}
            assert ("connect" in called) is (file.name not in ASK_NOBODY), file.name
            assert not {"session_of", "Aws", "boto3.Session"} & called, file.name
