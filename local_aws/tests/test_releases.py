"""Releases of a function by CloudFormation and CodeDeploy, under load, on a running emulator."""

import json
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import httpx
import pytest
from botocore.exceptions import WaiterError

from .stacks import CloudFormation, Resources, attribute

if TYPE_CHECKING:
    from mypy_boto3_cloudwatch import CloudWatchClient
    from mypy_boto3_codedeploy import CodeDeployClient
    from mypy_boto3_lambda import LambdaClient
    from mypy_boto3_sqs import SQSClient

HANDLER = """
import os

def handler(event, context):
    print("release", os.environ["RELEASE"])
    if "Records" in event:
        return {"batchItemFailures": []}
    if os.environ["RELEASE"] == "bad" and not event.get("probe"):
        raise RuntimeError("bad release")
    return {"statusCode": 200, "headers": {"x-version": context.function_version}, "body": context.invoked_function_arn}
"""

GATE = """
import json, os, urllib.request

def handler(event, context):
    body = {**{name[0].lower() + name[1:]: value for name, value in event.items()}, "status": "Succeeded"}
    target = "CodeDeploy_20141006.PutLifecycleEventHookExecutionStatus"
    headers = {"X-Amz-Target": target}
    request = urllib.request.Request(os.environ["AWS_ENDPOINT_URL"], json.dumps(body).encode(), headers)
    with urllib.request.urlopen(request) as response:
        print("gate", response.status)
"""

COMPOSITE = "always"
"""Name of a composite alarm that is in alarm."""

ROLE = "arn:aws:iam::000000000000:role/any"
OUTPUTS = {
    "Function": {"Ref": "Function"},
    "Api": attribute("Api", "ApiEndpoint"),
    "Queue": {"Ref": "Queue"},
    "Distribution": {"Ref": "Distribution"},
}


def function(code: str, release: str = "") -> dict[str, object]:
    return {
        "Type": "AWS::Lambda::Function",
        "Properties": {
            "Runtime": "python3.13",
            "Handler": "index.handler",
            "Role": ROLE,
            "Code": {"ZipFile": code},
            "Environment": {"Variables": {"RELEASE": release}},
            "Timeout": 10,
        },
    }


def service(number: int, release: str) -> Resources:
    """One function behind an alias, an HTTP API, a distribution and a queue, released through CodeDeploy."""
    version = f"Version{number}"
    dimensions = [
        {"Name": "FunctionName", "Value": {"Ref": "Function"}},
        {"Name": "Resource", "Value": {"Fn::Sub": "${Function}:live"}},
        {"Name": "ExecutedVersion", "Value": attribute(version, "Version")},
    ]
    return {
        "Function": function(HANDLER, release),
        "Gate": function(GATE),
        version: {
            "Type": "AWS::Lambda::Version",
            "DeletionPolicy": "Retain",
            "Properties": {"FunctionName": {"Ref": "Function"}},
        },
        "Alias": {
            "Type": "AWS::Lambda::Alias",
            "Properties": {
                "FunctionName": {"Ref": "Function"},
                "FunctionVersion": attribute(version, "Version"),
                "Name": "live",
            },
            "UpdatePolicy": {
                "CodeDeployLambdaAliasUpdate": {
                    "ApplicationName": {"Ref": "Application"},
                    "DeploymentGroupName": {"Ref": "Group"},
                    "BeforeAllowTrafficHook": {"Ref": "Gate"},
                }
            },
        },
        "Alarm": {
            "Type": "AWS::CloudWatch::Alarm",
            "Properties": {
                "Namespace": "AWS/Lambda",
                "MetricName": "Errors",
                "Dimensions": dimensions,
                "Statistic": "Sum",
                "Period": 60,
                "EvaluationPeriods": 1,
                "Threshold": 1,
                "ComparisonOperator": "GreaterThanOrEqualToThreshold",
                "TreatMissingData": "notBreaching",
            },
        },
        "Application": {
            "Type": "AWS::CodeDeploy::Application",
            "Properties": {"ApplicationName": "releases", "ComputePlatform": "Lambda"},
        },
        "Half": {
            "Type": "AWS::CodeDeploy::DeploymentConfig",
            "Properties": {
                "ComputePlatform": "Lambda",
                "TrafficRoutingConfig": {
                    "Type": "TimeBasedCanary",
                    "TimeBasedCanary": {"CanaryPercentage": 50, "CanaryInterval": 1},
                },
            },
        },
        "Group": {
            "Type": "AWS::CodeDeploy::DeploymentGroup",
            "Properties": {
                "ApplicationName": {"Ref": "Application"},
                "DeploymentGroupName": "api",
                "DeploymentConfigName": {"Ref": "Half"},
                "ServiceRoleArn": ROLE,
                "AlarmConfiguration": {
                    "Enabled": True,
                    "Alarms": [{"Name": {"Ref": "Alarm"}}, {"Name": COMPOSITE}],
                },
                "AutoRollbackConfiguration": {
                    "Enabled": True,
                    "Events": ["DEPLOYMENT_FAILURE", "DEPLOYMENT_STOP_ON_ALARM"],
                },
            },
        },
        **_entrances(),
    }


def _entrances() -> Resources:
    policies = {"off": "4135ea2d-6df8-44a3-9df3-4b5a84be39ad", "viewer": "b689b0a8-53d0-40ab-baf2-68738e2966ac"}
    return {
        "Api": {"Type": "AWS::ApiGatewayV2::Api", "Properties": {"Name": "api", "ProtocolType": "HTTP"}},
        "Stage": {
            "Type": "AWS::ApiGatewayV2::Stage",
            "Properties": {"ApiId": {"Ref": "Api"}, "StageName": "$default", "AutoDeploy": True},
        },
        "Integration": {
            "Type": "AWS::ApiGatewayV2::Integration",
            "Properties": {
                "ApiId": {"Ref": "Api"},
                "IntegrationType": "AWS_PROXY",
                "IntegrationUri": {"Ref": "Alias"},
                "PayloadFormatVersion": "2.0",
            },
        },
        "Route": {
            "Type": "AWS::ApiGatewayV2::Route",
            "Properties": {
                "ApiId": {"Ref": "Api"},
                "RouteKey": "ANY /api/{proxy+}",
                "Target": {"Fn::Sub": "integrations/${Integration}"},
            },
        },
        "Distribution": {
            "Type": "AWS::CloudFront::Distribution",
            "Properties": {
                "DistributionConfig": {
                    "Enabled": True,
                    "Origins": [
                        {
                            "Id": "api",
                            "DomainName": {"Fn::Select": [2, {"Fn::Split": ["/", attribute("Api", "ApiEndpoint")]}]},
                            "CustomOriginConfig": {"OriginProtocolPolicy": "https-only"},
                        }
                    ],
                    "DefaultCacheBehavior": {
                        "TargetOriginId": "api",
                        "ViewerProtocolPolicy": "https-only",
                        "CachePolicyId": policies["off"],
                        "OriginRequestPolicyId": policies["viewer"],
                    },
                }
            },
        },
        "Queue": {"Type": "AWS::SQS::Queue"},
        "Mapping": {
            "Type": "AWS::Lambda::EventSourceMapping",
            "Properties": {
                "EventSourceArn": attribute("Queue", "Arn"),
                "FunctionName": {"Ref": "Alias"},
                "FunctionResponseTypes": ["ReportBatchItemFailures"],
            },
        },
    }


@dataclass(kw_only=True)
class Load:
    """What users got, by version and HTTP status."""

    answers: Counter[tuple[str, int]] = field(default_factory=Counter)

    @property
    def statuses(self) -> set[int]:
        return {status for _, status in self.answers}

    @property
    def versions(self) -> set[str]:
        return {version for version, status in self.answers if status == 200}


@dataclass(frozen=True, kw_only=True)
class Service:
    """The deployed stack."""

    cloudformation: CloudFormation
    outputs: dict[str, str]

    @property
    def functions(self) -> "LambdaClient":
        aws = self.cloudformation.aws
        return aws.session().client("lambda", endpoint_url=aws.url)

    @property
    def deployments(self) -> "CodeDeployClient":
        aws = self.cloudformation.aws
        return aws.session().client("codedeploy", endpoint_url=aws.url)

    @property
    def live(self) -> str:
        return self.functions.get_alias(FunctionName=self.outputs["Function"], Name="live")["FunctionVersion"]

    def visit(self, host: str) -> httpx.Response:
        return httpx.get(f"{self.cloudformation.aws.url}/api/v1/any", headers={"host": host})

    @property
    def distribution_host(self) -> str:
        return f"{self.outputs['Distribution'].lower()}.cloudfront.localhost"

    @contextmanager
    def under_load(self) -> Iterator[Load]:
        load, stop = Load(), threading.Event()

        def visit() -> None:
            while not stop.wait(0.02):
                answer = self.visit(self.distribution_host)
                load.answers[answer.headers.get("x-version", ""), answer.status_code] += 1

        thread = threading.Thread(target=visit)
        thread.start()
        try:
            yield load
        finally:
            stop.set()
            thread.join()


@pytest.fixture(scope="module")
def released(cloudformation: CloudFormation) -> Iterator[Service]:
    aws = cloudformation.aws
    alarms: CloudWatchClient = aws.session().client("cloudwatch", endpoint_url=aws.url)
    alarms.put_composite_alarm(AlarmName=COMPOSITE, AlarmRule="TRUE")
    outputs = cloudformation.create("releases", service(1, "first"), OUTPUTS)
    yield Service(cloudformation=cloudformation, outputs=outputs)
    cloudformation.delete("releases")


def test_a_function_answers_under_its_own_name_and_through_cloudfront(released: Service) -> None:
    assert released.outputs["Api"].endswith(".execute-api.us-east-1.amazonaws.com")
    for host in (released.outputs["Api"].removeprefix("https://"), released.distribution_host):
        answer = released.visit(host)
        assert (answer.status_code, answer.headers["x-version"]) == (200, "1")
        assert answer.text.endswith(":live")


def test_a_good_release_is_canaried_and_promoted_without_an_error(released: Service) -> None:
    with released.under_load() as load:
        released.cloudformation.update("releases", service(2, "good"), OUTPUTS)
    assert released.live == "2"
    assert load.statuses == {200}
    assert load.versions == {"1", "2"}
    (deployment,) = released.deployments.list_deployments(applicationName="releases")["deployments"]
    info = released.deployments.get_deployment(deploymentId=deployment)["deploymentInfo"]
    assert (info["status"], info["creator"]) == ("Succeeded", "CloudFormation")


def test_a_composite_alarm_in_alarm_has_stopped_no_deployment(released: Service) -> None:
    """CodeDeploy User Guide, "Monitor deployments with CloudWatch alarms": an alarm watches a single metric."""
    aws = released.cloudformation.aws
    alarms: CloudWatchClient = aws.session().client("cloudwatch", endpoint_url=aws.url)
    (composite,) = alarms.describe_alarms(AlarmNames=[COMPOSITE], AlarmTypes=["CompositeAlarm"])["CompositeAlarms"]
    assert composite["StateValue"] == "ALARM"
    assert released.live == "2"


def test_a_bad_release_is_rolled_back_by_its_alarm(released: Service) -> None:
    with released.under_load() as load, pytest.raises(WaiterError):
        released.cloudformation.update("releases", service(3, "bad"), OUTPUTS)
    waiter = released.cloudformation.client.get_waiter("stack_rollback_complete")
    waiter.wait(StackName="releases", WaiterConfig={"Delay": 1, "MaxAttempts": 30})
    assert released.live == "2"
    assert "Activated alarms" in released.cloudformation.reasons("releases")
    assert load.statuses == {200, 500}
    assert load.versions == {"2"}
    with released.under_load() as after:
        time.sleep(1)
    assert after.statuses == {200}
    rollback, stopped, _ = released.deployments.list_deployments(applicationName="releases")["deployments"]
    info = released.deployments.get_deployment(deploymentId=stopped)["deploymentInfo"]
    assert (info["status"], info["errorInformation"]["code"]) == ("Stopped", "ALARM_ACTIVE")
    assert info["rollbackInfo"]["rollbackDeploymentId"] == rollback


def operate(released: Service, *, target: str) -> str:
    """Ask CodeDeploy for another version, as an operator would; the deployment's id."""
    properties = {
        "Name": released.outputs["Function"],
        "Alias": "live",
        "CurrentVersion": released.live,
        "TargetVersion": target,
    }
    resource = {"api": {"Type": "AWS::Lambda::Function", "Properties": properties}}
    content = json.dumps({"version": 0.0, "Resources": [resource]})
    created = released.deployments.create_deployment(
        applicationName="releases",
        deploymentGroupName="api",
        revision={"revisionType": "AppSpecContent", "appSpecContent": {"content": content}},
    )
    return created["deploymentId"]


def test_an_alarm_that_is_active_already_lets_no_release_begin(released: Service) -> None:
    aws = released.cloudformation.aws
    alarms: CloudWatchClient = aws.session().client("cloudwatch", endpoint_url=aws.url)
    resources = released.cloudformation.client.describe_stack_resource(StackName="releases", LogicalResourceId="Alarm")
    name = resources["StackResourceDetail"]["PhysicalResourceId"]
    alarms.set_alarm_state(AlarmName=name, StateValue="ALARM", StateReason="an operator knows better")
    before = released.live
    deployment = operate(released, target="1")
    waiter = released.deployments.get_waiter("deployment_successful")
    with pytest.raises(WaiterError):
        waiter.wait(deploymentId=deployment, WaiterConfig={"Delay": 1, "MaxAttempts": 30})
    info = released.deployments.get_deployment(deploymentId=deployment)["deploymentInfo"]
    assert (info["status"], info["errorInformation"]["code"]) == ("Stopped", "ALARM_ACTIVE")
    assert released.live == before
    alarms.set_alarm_state(AlarmName=name, StateValue="OK", StateReason="and has changed their mind")


def test_an_operator_can_release_an_earlier_version(released: Service) -> None:
    deployment = operate(released, target="1")
    waiter = released.deployments.get_waiter("deployment_successful")
    waiter.wait(deploymentId=deployment, WaiterConfig={"Delay": 1, "MaxAttempts": 30})
    assert released.live == "1"


def test_a_queue_invokes_the_alias(released: Service) -> None:
    aws = released.cloudformation.aws
    queues: SQSClient = aws.session().client("sqs", endpoint_url=aws.url)
    queues.send_message(QueueUrl=released.outputs["Queue"], MessageBody="{}")
    deadline = time.monotonic() + 20
    while _messages(queues, released.outputs["Queue"]) and time.monotonic() < deadline:
        time.sleep(0.2)
    assert _messages(queues, released.outputs["Queue"]) == 0


def _messages(queues: "SQSClient", queue: str) -> int:
    found = queues.get_queue_attributes(QueueUrl=queue, AttributeNames=["All"])["Attributes"]
    return int(found["ApproximateNumberOfMessages"]) + int(found["ApproximateNumberOfMessagesNotVisible"])
