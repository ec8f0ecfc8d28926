"""An HTTP API that answers only CloudFront, on a running emulator: authorizer, cache, and the header by reference."""

import json
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import httpx
import pytest

from .stacks import CloudFormation, Resources, attribute
from .test_releases import function

if TYPE_CHECKING:
    from mypy_boto3_secretsmanager import SecretsManagerClient

# Seconds: long enough to send several requests within, short enough to wait for.
KEPT = 2

# Lets a value in once; an answer that is given again was kept by API Gateway. "once" tells them apart.
AUTHORIZER = """
import json, os, urllib.request

seen = set()

def current():
    body = json.dumps({"SecretId": os.environ["SECRET"]}).encode()
    headers = {"X-Amz-Target": "secretsmanager.GetSecretValue", "Content-Type": "application/x-amz-json-1.1"}
    with urllib.request.urlopen(urllib.request.Request(os.environ["AWS_ENDPOINT_URL"], body, headers)) as answer:
        return json.loads(json.load(answer)["SecretString"])["value"]

def handler(event, context):
    (value,) = event["identitySource"]
    if value == "fails":
        raise RuntimeError("cannot tell")
    if value == "not-a-boolean":
        return {"isAuthorized": "true"}
    if value == "told":
        return {"isAuthorized": None not in event.values() and context.invoked_function_arn.endswith(":live")}
    first = value not in seen
    seen.add(value)
    return {"isAuthorized": value == current() or (value == "once" and first)}
"""
ANSWER = """
def handler(event, context):
    return {"statusCode": 200, "body": event["headers"].get("x-origin", "")}
"""


def aliased(name: str) -> Resources:
    return {
        f"{name}Version": {"Type": "AWS::Lambda::Version", "Properties": {"FunctionName": {"Ref": name}}},
        f"{name}Alias": {
            "Type": "AWS::Lambda::Alias",
            "Properties": {
                "FunctionName": {"Ref": name},
                "FunctionVersion": attribute(f"{name}Version", "Version"),
                "Name": "live",
            },
        },
    }


def locked_api() -> Resources:
    authorizer = function(AUTHORIZER)
    authorizer["Properties"] |= {"Environment": {"Variables": {"SECRET": {"Ref": "Secret"}}}}  # type: ignore[operator] # a dict
    uri = "arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/${AuthorizerAlias}/invocations"
    return {
        "Secret": {
            "Type": "AWS::SecretsManager::Secret",
            "Properties": {"GenerateSecretString": {"SecretStringTemplate": "{}", "GenerateStringKey": "value"}},
        },
        "Answer": function(ANSWER),
        **aliased("Answer"),
        "Authorizer": authorizer,
        **aliased("Authorizer"),
        "Api": {"Type": "AWS::ApiGatewayV2::Api", "Properties": {"Name": "locked", "ProtocolType": "HTTP"}},
        "Log": {"Type": "AWS::Logs::LogGroup", "Properties": {"LogGroupName": "locked-api"}},
        "Stage": {
            "Type": "AWS::ApiGatewayV2::Stage",
            "Properties": {
                "ApiId": {"Ref": "Api"},
                "StageName": "$default",
                "AutoDeploy": True,
                "AccessLogSettings": {
                    "DestinationArn": attribute("Log", "Arn"),
                    "Format": '{"route":"$context.routeKey","status":"$context.status"}',
                },
            },
        },
        "Lock": {
            "Type": "AWS::ApiGatewayV2::Authorizer",
            "Properties": {
                "ApiId": {"Ref": "Api"},
                "Name": "lock",
                "AuthorizerType": "REQUEST",
                "AuthorizerUri": {"Fn::Sub": uri},
                "AuthorizerPayloadFormatVersion": "2.0",
                "EnableSimpleResponses": True,
                "IdentitySource": ["$request.header.x-origin"],
                "AuthorizerResultTtlInSeconds": KEPT,
            },
        },
        "Integration": {
            "Type": "AWS::ApiGatewayV2::Integration",
            "Properties": {
                "ApiId": {"Ref": "Api"},
                "IntegrationType": "AWS_PROXY",
                "IntegrationUri": {"Ref": "AnswerAlias"},
                "PayloadFormatVersion": "2.0",
            },
        },
        "Route": {
            "Type": "AWS::ApiGatewayV2::Route",
            "Properties": {
                "ApiId": {"Ref": "Api"},
                "RouteKey": "GET /api/{proxy+}",
                "AuthorizationType": "CUSTOM",
                "AuthorizerId": {"Ref": "Lock"},
                "Target": {"Fn::Sub": "integrations/${Integration}"},
            },
        },
        "Distribution": distribution(),
    }


def distribution(comment: str = "locked") -> dict[str, object]:
    header = {"Fn::Sub": "{{resolve:secretsmanager:${Secret}:SecretString:value::}}"}
    return {
        "Type": "AWS::CloudFront::Distribution",
        "Properties": {
            "DistributionConfig": {
                "Enabled": True,
                "Comment": comment,
                "DefaultCacheBehavior": {
                    "TargetOriginId": "api",
                    "ViewerProtocolPolicy": "https-only",
                    "CachePolicyId": "4135ea2d-6df8-44a3-9df3-4b5a84be39ad",
                    "OriginRequestPolicyId": "b689b0a8-53d0-40ab-baf2-68738e2966ac",
                },
                "Origins": [
                    {
                        "Id": "api",
                        "DomainName": {"Fn::Sub": "${Api}.execute-api.us-east-1.amazonaws.com"},
                        "CustomOriginConfig": {"OriginProtocolPolicy": "https-only"},
                        "OriginCustomHeaders": [{"HeaderName": "x-origin", "HeaderValue": header}],
                    }
                ],
            }
        },
    }


OUTPUTS = {"Api": {"Ref": "Api"}, "Distribution": {"Ref": "Distribution"}, "Secret": {"Ref": "Secret"}}


@dataclass(frozen=True, kw_only=True)
class LockedApi:
    """The API, and the distribution in front of it."""

    cloudformation: CloudFormation
    outputs: dict[str, str]

    def direct(self, value: str | None = None) -> httpx.Response:
        host = f"{self.outputs['Api']}.execute-api.us-east-1.amazonaws.com"
        return self._get({"host": host} | ({} if value is None else {"x-origin": value}))

    def through_cloudfront(self, value: str | None = None) -> httpx.Response:
        host = f"{self.outputs['Distribution'].lower()}.cloudfront.localhost"
        return self._get({"host": host} | ({} if value is None else {"x-origin": value}))

    def _get(self, headers: dict[str, str]) -> httpx.Response:
        return httpx.get(f"{self.cloudformation.aws.url}/api/any", headers=headers, timeout=30)

    @property
    def secrets(self) -> "SecretsManagerClient":
        aws = self.cloudformation.aws
        return aws.session().client("secretsmanager", endpoint_url=aws.url)

    def value(self) -> str:
        content: dict[str, str] = json.loads(
            self.secrets.get_secret_value(SecretId=self.outputs["Secret"])["SecretString"]
        )
        return content["value"]


@pytest.fixture(scope="module")
def api(cloudformation: CloudFormation) -> Iterator[LockedApi]:
    outputs = cloudformation.create("locked", locked_api(), OUTPUTS)
    yield LockedApi(cloudformation=cloudformation, outputs=outputs)
    cloudformation.delete("locked")


def test_cloudfront_sends_the_secrets_value_and_is_answered(api: LockedApi) -> None:
    answer = api.through_cloudfront()
    assert (answer.status_code, answer.text) == (200, api.value())


def test_a_viewer_cannot_choose_what_cloudfront_sends(api: LockedApi) -> None:
    answer = api.through_cloudfront(value="forged")
    assert (answer.status_code, answer.text) == (200, api.value())


def test_without_the_header_the_authorizer_is_not_even_asked(api: LockedApi) -> None:
    for value in (None, ""):
        answer = api.direct(value)
        assert (answer.status_code, answer.json()) == (401, {"message": "Unauthorized"})


def test_a_forged_header_is_refused(api: LockedApi) -> None:
    answer = api.direct("forged")
    assert (answer.status_code, answer.json()) == (403, {"message": "Forbidden"})


def test_the_authorizers_alias_is_asked_as_api_gateway_asks(api: LockedApi) -> None:
    assert api.direct("told").status_code == 200


def test_an_answer_is_kept_for_its_time_and_not_longer(api: LockedApi) -> None:
    began = time.monotonic()
    statuses = [api.direct("once").status_code for _ in range(3)]
    assert time.monotonic() - began < KEPT, "too slow to tell"
    time.sleep(KEPT)
    assert [*statuses, api.direct("once").status_code] == [200, 200, 200, 403]


def test_an_authorizer_that_fails_or_answers_no_boolean_lets_nobody_in(api: LockedApi) -> None:
    for value in ("fails", "not-a-boolean"):
        answer = api.direct(value)
        assert (answer.status_code, answer.json()) == (500, {"message": "Internal Server Error"})


def test_a_refused_request_is_in_the_access_log_with_its_route(api: LockedApi) -> None:
    api.direct()
    aws = api.cloudformation.aws
    logs = aws.session().client("logs", endpoint_url=aws.url)
    lines = [json.loads(event["message"]) for event in logs.filter_log_events(logGroupName="locked-api")["events"]]
    assert {"route": "GET /api/{proxy+}", "status": "401"} in lines


def test_a_new_value_reaches_cloudfront_when_the_distribution_changes_and_not_before(api: LockedApi) -> None:
    before = api.value()
    api.secrets.put_secret_value(SecretId=api.outputs["Secret"], SecretString='{"value": "second"}')
    assert api.through_cloudfront().status_code in (200, 403)  # 403 once the kept answer has expired
    time.sleep(KEPT)
    assert api.through_cloudfront().status_code == 403

    changed = {**locked_api(), "Distribution": distribution("changed")}
    api.cloudformation.update("locked", changed, OUTPUTS)

    assert before != "second"
    answer = api.through_cloudfront()
    assert (answer.status_code, answer.text) == (200, "second")
