"""Versions and aliases of functions, as Lambda's API Reference has them."""

from typing import TYPE_CHECKING

import pytest
from botocore.exceptions import WaiterError

from .stacks import CloudFormation, Resources, attribute

if TYPE_CHECKING:
    from mypy_boto3_lambda import LambdaClient

ONE, OTHER = "def handler(event, context): return 1", "def handler(event, context): return 2"


def service(code: str, *versions: str, alias: object = None) -> Resources:
    """A function and versions of it, all retained."""
    function = {
        "Runtime": "python3.13",
        "Handler": "index.handler",
        "Role": "arn:aws:iam::000000000000:role/any",
        "Code": {"ZipFile": code},
    }
    return {
        "Function": {"Type": "AWS::Lambda::Function", "Properties": function},
        **{
            name: {
                "Type": "AWS::Lambda::Version",
                "DeletionPolicy": "Retain",
                "Properties": {"FunctionName": {"Ref": "Function"}},
            }
            for name in versions
        },
        **(
            {}
            if alias is None
            else {
                "Alias": {
                    "Type": "AWS::Lambda::Alias",
                    "Properties": {"FunctionName": {"Ref": "Function"}, "FunctionVersion": alias, "Name": "live"},
                }
            }
        ),
    }


OUTPUTS = {"Function": {"Ref": "Function"}}


@pytest.fixture(scope="module")
def functions(cloudformation: CloudFormation) -> "LambdaClient":
    client: LambdaClient = cloudformation.aws.session().client("lambda", endpoint_url=cloudformation.aws.url)
    return client


def test_an_unchanged_function_is_not_published_again_even_after_an_update(
    cloudformation: CloudFormation, functions: "LambdaClient"
) -> None:
    """PublishVersion: "if the function's configuration and code haven't changed since the last version"."""
    name = cloudformation.create("published", service(ONE, "First"), OUTPUTS)["Function"]
    functions.update_function_configuration(FunctionName=name, Timeout=9)
    functions.update_function_configuration(FunctionName=name, Timeout=3)
    assert functions.publish_version(FunctionName=name)["Version"] == "1"
    functions.update_function_configuration(FunctionName=name, Timeout=9)
    assert functions.publish_version(FunctionName=name)["Version"] == "2"


def test_a_new_version_of_an_unchanged_function_fails_its_stack(cloudformation: CloudFormation) -> None:
    """CloudFormation's message for it, as in aws-cdk #10274."""
    cloudformation.create("again", service(ONE, "First"), OUTPUTS)
    with pytest.raises(WaiterError):
        cloudformation.update("again", service(ONE, "Second"), OUTPUTS)
    assert "A version for this Lambda function exists ( 1 )" in cloudformation.reasons("again")
    cloudformation.update("again", service(OTHER, "Second"), OUTPUTS)


def test_an_alias_of_a_version_that_does_not_exist_is_refused(
    cloudformation: CloudFormation, functions: "LambdaClient"
) -> None:
    """CreateAlias and UpdateAlias: ResourceNotFoundException."""
    name = cloudformation.create("aliases", service(ONE, "First"), OUTPUTS)["Function"]
    refused = functions.exceptions.ResourceNotFoundException
    with pytest.raises(refused, match=":9"):
        functions.create_alias(FunctionName=name, Name="live", FunctionVersion="9")
    functions.create_alias(FunctionName=name, Name="live", FunctionVersion="1")
    with pytest.raises(refused, match=":9"):
        functions.update_alias(FunctionName=name, Name="live", RoutingConfig={"AdditionalVersionWeights": {"9": 0.1}})


def test_a_templates_alias_of_a_version_that_does_not_exist_fails_its_stack(cloudformation: CloudFormation) -> None:
    with pytest.raises(WaiterError):
        cloudformation.create("bad-alias", service(ONE, "First", alias="9"), OUTPUTS)
    assert "Function not found" in cloudformation.reasons("bad-alias")
    cloudformation.create("good-alias", service(ONE, "First", alias=attribute("First", "Version")), OUTPUTS)
