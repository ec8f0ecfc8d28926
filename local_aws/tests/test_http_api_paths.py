"""Paths of an HTTP API's requests reach the function decoded, by its own name and through CloudFront.

API Gateway Developer Guide, "Create AWS Lambda proxy integrations for HTTP APIs": `rawPath` and `pathParameters` of
payload format 2.0 hold what the route was matched with, which is the decoded path; `rawQueryString` is left as it came.
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING, cast

import httpx
import pytest

from .stacks import CloudFormation
from .test_releases import OUTPUTS, service

if TYPE_CHECKING:
    from mypy_boto3_cloudwatch import CloudWatchClient

HANDLER = """
import json

def handler(event, context):
    seen = {name: event.get(name) for name in ("rawPath", "rawQueryString", "pathParameters")}
    http = event["requestContext"]["http"]
    return {"statusCode": 200, "body": json.dumps(seen | {"context": http["path"], "method": http["method"]})}
"""


STAGE = {"ApiId": {"Ref": "Api"}, "StageName": "$default", "AutoDeploy": True}


@pytest.fixture(scope="module")
def hosts(cloudformation: CloudFormation) -> Mapping[str, str]:
    resources = dict(service(1, "paths"))
    function = dict(cast("Mapping[str, object]", resources["Function"]["Properties"]))
    resources["Function"] = {"Type": "AWS::Lambda::Function", "Properties": {**function, "Code": {"ZipFile": HANDLER}}}
    detailed = {**STAGE, "DefaultRouteSettings": {"DetailedMetricsEnabled": True}}
    resources["Stage"] = {"Type": "AWS::ApiGatewayV2::Stage", "Properties": detailed}
    outputs = cloudformation.create("paths", resources, OUTPUTS)
    return {
        "its own name": outputs["Api"].removeprefix("https://"),
        "CloudFront": f"{outputs['Distribution'].lower()}.cloudfront.localhost",
    }


@pytest.mark.parametrize("way", ["its own name", "CloudFront"])
def test_without_cors_options_is_a_method_like_any_other(
    cloudformation: CloudFormation, hosts: Mapping[str, str], way: str
) -> None:
    """API Gateway Developer Guide, "Configure CORS for HTTP APIs": it answers preflight requests "if you configure
    CORS"; a route of every method catches others, "including OPTIONS requests".
    """
    headers = {"host": hosts[way], "origin": "https://elsewhere.example", "access-control-request-method": "GET"}
    answer = httpx.options(f"{cloudformation.aws.url}/api/orders", headers=headers)
    assert (answer.status_code, answer.json()["method"]) == (200, "OPTIONS")


@pytest.mark.parametrize("way", ["its own name", "CloudFront"])
def test_a_path_is_decoded_and_a_query_is_not(
    cloudformation: CloudFormation, hosts: Mapping[str, str], way: str
) -> None:
    url = f"{cloudformation.aws.url}/api/two%20words/caf%C3%A9?q=a%20b"
    seen = httpx.get(url, headers={"host": hosts[way]}).raise_for_status().json()
    assert seen == {
        "rawPath": "/api/two words/café",
        "context": "/api/two words/café",
        "method": "GET",
        "pathParameters": {"proxy": "two words/café"},
        "rawQueryString": "q=a%20b",
    }


def test_a_stage_with_detailed_metrics_counts_by_route(
    cloudformation: CloudFormation, hosts: Mapping[str, str]
) -> None:
    """API Gateway Developer Guide, "Working with metrics for HTTP APIs": "enable detailed metrics to write route-level
    metrics".
    """
    host = hosts["its own name"]
    for path, status in (("/api/one", 200), ("/nowhere", 404)):
        assert httpx.get(f"{cloudformation.aws.url}{path}", headers={"host": host}).status_code == status
    metrics: CloudWatchClient = cloudformation.aws.session().client("cloudwatch", endpoint_url=cloudformation.aws.url)
    found = metrics.list_metrics(
        Namespace="AWS/ApiGateway", MetricName="Count", Dimensions=[{"Name": "ApiId", "Value": host.partition(".")[0]}]
    )["Metrics"]
    routes = [{one["Name"]: one["Value"] for one in metric["Dimensions"]} for metric in found]
    assert [(route["Method"], route["Resource"]) for route in routes if "Resource" in route] == [
        ("ANY", "/api/{proxy+}")
    ]
