"""The origin secret rotates on a running CloudFront and an authorizer that asks Secrets Manager."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from rotation.origin import OriginRotation
from rotation.strategy import RotationError, Value
from tests.support.emulator import Aws, running
from tests.support.stacks import CloudFormation, Resources

from .support.rotating import RotatingSecret

if TYPE_CHECKING:
    from mypy_boto3_cloudfront import CloudFrontClient
    from mypy_boto3_lambda import LambdaClient
    from mypy_boto3_secretsmanager import SecretsManagerClient

HEADER = "x-flux-origin"

# Takes what the secret holds under any label, like the real one; "refuses" makes it take nothing.
AUTHORIZER = """
import json, os, urllib.error, urllib.request

def value(stage):
    body = json.dumps({"SecretId": os.environ["SECRET"], "VersionStage": stage}).encode()
    headers = {"X-Amz-Target": "secretsmanager.GetSecretValue", "Content-Type": "application/x-amz-json-1.1"}
    try:
        with urllib.request.urlopen(urllib.request.Request(os.environ["AWS_ENDPOINT_URL"], body, headers)) as answer:
            return json.loads(json.load(answer)["SecretString"])["value"]
    except urllib.error.HTTPError:
        return None

def handler(event, context):
    known = [value(stage) for stage in ("AWSPENDING", "AWSCURRENT", "AWSPREVIOUS")]
    return {"isAuthorized": os.environ.get("REFUSES") is None and event["identitySource"][0] in known}
"""


def stack(secret: str) -> Resources:
    def authorizer(**variables: str) -> dict[str, object]:
        return {
            "Type": "AWS::Lambda::Function",
            "Properties": {
                "Runtime": "python3.13",
                "Handler": "index.handler",
                "Role": "arn:aws:iam::000000000000:role/any",
                "Code": {"ZipFile": AUTHORIZER},
                "Environment": {"Variables": {"SECRET": secret, **variables}},
                "Timeout": 10,
            },
        }

    behavior = {
        "TargetOriginId": "api",
        "ViewerProtocolPolicy": "https-only",
        "CachePolicyId": "4135ea2d-6df8-44a3-9df3-4b5a84be39ad",
    }
    origins = [
        {"Id": "other", "DomainName": "other.example", "CustomOriginConfig": {"OriginProtocolPolicy": "https-only"}},
        {
            "Id": "api",
            "DomainName": "api.example",
            "CustomOriginConfig": {"OriginProtocolPolicy": "https-only"},
            "OriginCustomHeaders": [
                {"HeaderName": "x-other", "HeaderValue": "stays"},
                {"HeaderName": HEADER, "HeaderValue": "first"},
            ],
        },
    ]
    config = {"Enabled": True, "Comment": "stays", "DefaultCacheBehavior": behavior, "Origins": origins}
    return {
        "Authorizer": authorizer(),
        "Refusing": authorizer(REFUSES="all"),
        "Distribution": {"Type": "AWS::CloudFront::Distribution", "Properties": {"DistributionConfig": config}},
    }


@dataclass(frozen=True, kw_only=True)
class Edge:
    """A distribution and two authorizers, and a secret that rotates."""

    secret: RotatingSecret
    cloudfront: "CloudFrontClient"
    functions: "LambdaClient"
    outputs: dict[str, str]

    def strategy(self, *, authorizer: str = "Authorizer", header: str = HEADER) -> OriginRotation:
        return OriginRotation(
            self.cloudfront,
            self.functions,
            distribution=self.outputs["Distribution"],
            header=header,
            authorizer=self.outputs[authorizer],
            sleep=self.secret.waits.append,
        )

    def sent(self) -> dict[str, str]:
        config = self.cloudfront.get_distribution_config(Id=self.outputs["Distribution"])["DistributionConfig"]
        origin = next(each for each in config["Origins"]["Items"] if each["Id"] == "api")
        return {header["HeaderName"]: header["HeaderValue"] for header in origin["CustomHeaders"].get("Items", [])}

    def send(self, value: str) -> None:
        """Put a value into the distribution, as a deployment does."""
        answer = self.cloudfront.get_distribution_config(Id=self.outputs["Distribution"])
        text = json.dumps(answer["DistributionConfig"]).replace(self.sent()[HEADER], value)
        self.cloudfront.update_distribution(
            Id=self.outputs["Distribution"], DistributionConfig=json.loads(text), IfMatch=answer["ETag"]
        )


@pytest.fixture(scope="module")
def aws() -> Iterator[Aws]:
    with running() as aws:
        yield aws


@pytest.fixture
def edge(aws: Aws) -> Iterator[Edge]:
    session = aws.session()
    secrets: SecretsManagerClient = session.client("secretsmanager", endpoint_url=aws.url)
    secret = RotatingSecret.create(secrets, {"value": "first", "note": "stays"})
    cloudformation = CloudFormation.of(aws)
    outputs = {name: {"Ref": name} for name in ("Authorizer", "Refusing", "Distribution")}
    made = cloudformation.create("edge", stack(secret.arn), outputs)
    yield Edge(
        secret=secret,
        cloudfront=session.client("cloudfront", endpoint_url=aws.url),
        functions=session.client("lambda", endpoint_url=aws.url),
        outputs=made,
    )
    cloudformation.delete("edge")


def test_cloudfront_sends_the_new_value_and_nothing_else_changes(edge: Edge) -> None:
    edge.secret.rotate(edge.strategy())

    value = edge.secret.value()
    assert edge.sent() == {"x-other": "stays", HEADER: value["value"]}
    assert (len(value["value"]), value["note"]) == (64, "stays")
    assert edge.secret.value("AWSPREVIOUS")["value"] == "first"
    described = edge.cloudfront.get_distribution(Id=edge.outputs["Distribution"])["Distribution"]
    assert described["DistributionConfig"]["Comment"] == "stays"


def test_the_authorizer_has_time_to_learn_a_value_before_cloudfront_sends_it(edge: Edge) -> None:
    strategy, token = edge.strategy(), edge.secret.begin()
    edge.secret.do(strategy, token, "createSecret")
    assert (edge.sent()[HEADER], edge.secret.waits) == ("first", [])

    edge.secret.do(strategy, token, "setSecret")
    assert edge.sent()[HEADER] == edge.secret.value("AWSPENDING")["value"]
    assert sum(edge.secret.waits) > 5  # the authorizer's RETRY_SECONDS


def test_a_value_that_the_authorizer_refuses_is_never_sent(edge: Edge) -> None:
    with pytest.raises(RotationError, match="goes on sending what it takes"):
        edge.secret.rotate(edge.strategy(authorizer="Refusing"))
    assert edge.sent()[HEADER] == edge.secret.value()["value"] == "first"


def test_a_deployment_in_the_middle_ends_the_rotation_and_the_next_one_comes_through(edge: Edge) -> None:
    strategy, token = edge.strategy(), edge.secret.begin()
    edge.secret.do(strategy, token, "createSecret", "setSecret")
    edge.send("first")  # CloudFormation reads AWSCURRENT
    with pytest.raises(RotationError, match="rotate again"):
        edge.secret.do(strategy, token, "testSecret")

    edge.secret.do(strategy, token)
    assert edge.sent()[HEADER] == edge.secret.value()["value"] != "first"


def test_what_is_current_passes_the_test_that_scheduling_makes(edge: Edge) -> None:
    current = edge.secret.client.get_secret_value(SecretId=edge.secret.arn)
    edge.strategy().test(Value(content=current["SecretString"], created=current["CreatedDate"]))


def test_a_distribution_without_the_header_is_left_alone(edge: Edge) -> None:
    with pytest.raises(RotationError, match="deploy the frontend stack"):
        edge.secret.rotate(edge.strategy(header="x-missing"))
    assert edge.sent()[HEADER] == "first"
