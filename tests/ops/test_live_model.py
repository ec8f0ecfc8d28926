"""Which configuration the model goes back to, on the emulator's SageMaker and CloudFormation."""

import json
from collections.abc import Iterator

import pytest

from flux_infra.environments import LOCAL
from ops.aws import Aws
from ops.errors import OpsError
from ops.live_model import LiveModel, configs, plan_model
from ops.stacks import DeployedStack
from tests.support.emulator import running
from tests.support.models import model

pytestmark = pytest.mark.slow

BUCKET = "cdk-hnb659fds-assets-000000000000-us-east-1"
STACK = "Flux-local-Ml"
NEWEST = 3


def template(releases: int, *, environment: str = "local") -> str:
    """Endpoint on the newest of some models, each with its own configuration; all are kept."""
    resources: dict[str, object] = {}
    for number in range(1, releases + 1):
        resources[f"Model{number}"] = {
            "Type": "AWS::SageMaker::Model",
            "Properties": {
                "ExecutionRoleArn": "arn:aws:iam::000000000000:role/serving",
                "PrimaryContainer": {
                    "Image": "scikit-learn",
                    "ModelDataSource": {
                        "S3DataSource": {
                            "S3DataType": "S3Object",
                            "CompressionType": "Gzip",
                            "S3Uri": f"s3://{BUCKET}/hash{number}.gz",
                        }
                    },
                    "Environment": {
                        "SAGEMAKER_PROGRAM": "inference.py",
                        "SAGEMAKER_SUBMIT_DIRECTORY": "/opt/ml/model/code",
                    },
                },
            },
        }
        resources[f"Config{number}"] = {
            "Type": "AWS::SageMaker::EndpointConfig",
            "Properties": {
                "EndpointConfigName": f"config-{environment}-{number}",
                "ProductionVariants": [
                    {"VariantName": "primary", "ModelName": {"Fn::GetAtt": [f"Model{number}", "ModelName"]}}
                ],
                "Tags": [{"Key": "Environment", "Value": environment}],
            },
        }
    resources["Endpoint"] = {
        "Type": "AWS::SageMaker::Endpoint",
        "Properties": {
            "EndpointName": f"flux-{environment}-forecast",
            "EndpointConfigName": {"Fn::GetAtt": [f"Config{releases}", "EndpointConfigName"]},
        },
    }
    outputs = {"EndpointName": {"Value": f"flux-{environment}-forecast"}}
    return json.dumps({"Resources": resources, "Outputs": outputs})


@pytest.fixture(scope="module")
def aws() -> Iterator[Aws]:
    with running() as emulator:
        aws = Aws(config=LOCAL, session=emulator.session(), url=emulator.url, operator="an operator")
        aws.files.create_bucket(Bucket=BUCKET)
        for number in range(1, NEWEST + 1):
            aws.files.put_object(Bucket=BUCKET, Key=f"hash{number}.gz", Body=model())
        aws.stacks.create_stack(StackName=STACK, TemplateBody=template(1))
        aws.stacks.create_stack(StackName="Flux-dev-Ml", TemplateBody=template(1, environment="dev"))
        for stack in (STACK, "Flux-dev-Ml"):
            aws.stacks.get_waiter("stack_create_complete").wait(StackName=stack, WaiterConfig={"Delay": 1})
        for number in range(2, NEWEST + 1):
            aws.stacks.update_stack(StackName=STACK, TemplateBody=template(number))
            aws.stacks.get_waiter("stack_update_complete").wait(StackName=STACK, WaiterConfig={"Delay": 1})
        yield aws


def live(aws: Aws) -> LiveModel:
    return LiveModel.read(aws, DeployedStack.read(aws, "Ml"))


def test_another_environments_configurations_are_not_ours(aws: Aws) -> None:
    assert [config["EndpointConfigName"] for config in configs(aws)] == [
        "config-local-3",
        "config-local-2",
        "config-local-1",
    ]


def test_a_target_must_exist_and_not_be_live(aws: Aws) -> None:
    with pytest.raises(OpsError, match="no such endpoint configuration"):
        plan_model(aws, to="config-dev-1", ignored="")
    with pytest.raises(OpsError, match="it is live already"):
        plan_model(aws, to="config-local-3", ignored="")


def test_the_endpoint_goes_back_one_by_one_until_there_is_none_before(aws: Aws) -> None:
    for number in (2, 1):
        rollback = plan_model(aws, to=None, ignored="")
        assert (rollback.changes[0].current, rollback.changes[0].target) == (
            f"config-local-{number + 1}",
            f"config-local-{number}",
        )
        assert f"hash{number + 1} -> hash{number}" in rollback.changes[0].note
        assert "InService" in rollback.act()[0]
        assert (live(aws).config, live(aws).artifact) == (f"config-local-{number}", f"hash{number}")
    assert "config-local-2 -> config-local-1" in DeployedStack.read(aws, "Ml").marks["Model"]
    with pytest.raises(OpsError, match="no endpoint configuration before config-local-1"):
        plan_model(aws, to=None, ignored="")
