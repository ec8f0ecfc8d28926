"""Secrets Manager on this machine rotates by the function that the schedule names."""

import time
from typing import TYPE_CHECKING

import pytest
from botocore.exceptions import WaiterError

from .stacks import CloudFormation, Resources, attribute

if TYPE_CHECKING:
    from mypy_boto3_secretsmanager import SecretsManagerClient

# Makes a value that tells its token, and refuses what is `broken`; with nothing but Python itself.
FUNCTION = """
import json, os, urllib.request

def call(operation, **body):
    headers = {"X-Amz-Target": f"secretsmanager.{operation}", "Content-Type": "application/x-amz-json-1.1"}
    request = urllib.request.Request(os.environ["AWS_ENDPOINT_URL"], json.dumps(body).encode(), headers)
    return json.load(urllib.request.urlopen(request))

def handler(event, context):
    secret, token = event["SecretId"], event["ClientRequestToken"]
    if event["Step"] == "createSecret":
        call("PutSecretValue", SecretId=secret, ClientRequestToken=token, SecretString=token,
             VersionStages=["AWSPENDING"])
    if event["Step"] == "testSecret":
        found = call("GetSecretValue", SecretId=secret, VersionId=token, VersionStage="AWSPENDING")
        if found["SecretString"] == "broken" or "BROKEN" in os.environ:
            raise ValueError("broken")
    if event["Step"] == "finishSecret":
        current = call("GetSecretValue", SecretId=secret)["VersionId"]
        call("UpdateSecretVersionStage", SecretId=secret, VersionStage="AWSCURRENT", MoveToVersionId=token,
             RemoveFromVersionId=current)
        call("UpdateSecretVersionStage", SecretId=secret, VersionStage="AWSPENDING", RemoveFromVersionId=token)
"""


def rotating(value: str) -> Resources:
    return {
        "Secret": {"Type": "AWS::SecretsManager::Secret", "Properties": {"SecretString": value}},
        "Function": {
            "Type": "AWS::Lambda::Function",
            "Properties": {
                "Code": {"ZipFile": FUNCTION},
                "Handler": "index.handler",
                "Runtime": "python3.13",
                "Timeout": 30,
                "Role": "arn:aws:iam::000000000000:role/nobody",
            },
        },
        "Schedule": {
            "Type": "AWS::SecretsManager::RotationSchedule",
            "Properties": {
                "SecretId": {"Ref": "Secret"},
                "RotationLambdaARN": attribute("Function", "Arn"),
                "RotationRules": {"AutomaticallyAfterDays": 30},
                "RotateImmediatelyOnUpdate": False,
            },
        },
    }


@pytest.fixture(scope="module")
def client(cloudformation: CloudFormation) -> "SecretsManagerClient":
    aws = cloudformation.aws
    client: SecretsManagerClient = aws.session().client("secretsmanager", endpoint_url=aws.url)
    return client


def labels(client: "SecretsManagerClient", secret: str) -> dict[str, list[str]]:
    return client.describe_secret(SecretId=secret)["VersionIdsToStages"]


def test_a_schedule_is_tried_when_it_is_made_and_a_rotation_runs_all_steps(
    cloudformation: CloudFormation, client: "SecretsManagerClient"
) -> None:
    secret = cloudformation.create("rotating", rotating("first"), {"Secret": {"Ref": "Secret"}})["Secret"]
    described = client.describe_secret(SecretId=secret)
    assert described["RotationEnabled"] is True
    assert described["RotationRules"] == {"AutomaticallyAfterDays": 30}
    assert list(labels(client, secret).values()) == [["AWSCURRENT"]]  # what was tried is gone again

    token = client.rotate_secret(SecretId=secret)["VersionId"]
    deadline = time.monotonic() + 30
    while labels(client, secret)[token] != ["AWSCURRENT"] and time.monotonic() < deadline:
        time.sleep(0.1)

    assert client.get_secret_value(SecretId=secret)["SecretString"] == token
    assert client.get_secret_value(SecretId=secret, VersionStage="AWSPREVIOUS")["SecretString"] == "first"
    cloudformation.delete("rotating")


def test_a_schedule_whose_function_refuses_the_current_value_fails_its_stack(cloudformation: CloudFormation) -> None:
    with pytest.raises(WaiterError):
        cloudformation.create("stuck", rotating("broken"), {})
    assert "testSecret" in cloudformation.reasons("stuck")
    cloudformation.delete("stuck")
