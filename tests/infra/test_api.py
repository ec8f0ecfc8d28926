import json
from typing import cast

from aws_cdk.assertions import Match

from flux_infra.constructs.origin import ORIGIN_HEADER
from tests.infra.templates import Templates, properties, resources, whole

ROUTE = "AWS::ApiGatewayV2::Route"
INTEGRATION = "AWS::ApiGatewayV2::Integration"
STAGE = "AWS::ApiGatewayV2::Stage"
AUTHORIZER = "AWS::ApiGatewayV2::Authorizer"


def test_webhooks_go_to_the_live_webhook_and_the_rest_to_the_live_api(environment: Templates) -> None:
    assert {str(route["RouteKey"]): _target(environment, route) for route in properties(environment.api, ROUTE)} == {
        "POST /api/v1/webhooks/{provider}": "webhook",
        "ANY /api/{proxy+}": "api",
    }


def test_functions_get_payload_version_two(environment: Templates) -> None:
    environment.api.all_resources_properties(
        INTEGRATION, {"IntegrationType": "AWS_PROXY", "PayloadFormatVersion": "2.0"}
    )


def test_the_api_waits_longer_than_a_function_may_take_and_less_than_api_gateway_allows(
    environment: Templates,
) -> None:
    functions = environment.config.functions
    longest = max(functions.api.timeout_seconds, functions.webhook.timeout_seconds)

    for integration in properties(environment.api, INTEGRATION):
        assert longest * 1000 < cast("int", integration["TimeoutInMillis"]) <= 30_000


def test_only_this_api_may_invoke_the_aliases(environment: Templates) -> None:
    (api_id,) = resources(environment.api, "AWS::ApiGatewayV2::Api")
    permissions = properties(environment.api, "AWS::Lambda::Permission")

    assert permissions
    for permission in permissions:
        assert permission["Principal"] == "apigateway.amazonaws.com"
        assert {"Ref": api_id} in cast("dict[str, list[list[object]]]", permission["SourceArn"])["Fn::Join"][1]
        assert _alias_name(environment, permission["FunctionName"]) == "live"


def test_every_route_asks_the_authorizer(environment: Templates) -> None:
    (authorizer_id,) = resources(environment.api, AUTHORIZER)

    assert properties(environment.api, ROUTE)
    environment.api.all_resources_properties(
        ROUTE, {"AuthorizationType": "CUSTOM", "AuthorizerId": {"Ref": authorizer_id}}
    )


def test_the_authorizer_judges_by_the_origin_header_and_is_the_live_one(environment: Templates) -> None:
    (found,) = properties(environment.api, AUTHORIZER)
    uri = cast("dict[str, list[list[object]]]", found["AuthorizerUri"])["Fn::Join"][1]

    assert found["IdentitySource"] == [f"$request.header.{ORIGIN_HEADER}"]
    assert (found["AuthorizerType"], found["AuthorizerPayloadFormatVersion"]) == ("REQUEST", "2.0")
    assert found["EnableSimpleResponses"] is True
    assert _service(environment, _alias(environment, uri[1])) == "authorizer"
    assert uri[2] == "/invocations"


def test_an_answer_of_the_authorizer_is_kept_for_half_a_minute(environment: Templates) -> None:
    environment.api.all_resources_properties(AUTHORIZER, {"AuthorizerResultTtlInSeconds": 30})


def test_the_api_may_ask_the_authorizer(environment: Templates) -> None:
    (authorizer_id,) = resources(environment.api, AUTHORIZER)
    asked = [
        _alias_name(environment, permission["FunctionName"])
        for permission in properties(environment.api, "AWS::Lambda::Permission")
        if {"Ref": authorizer_id} in cast("dict[str, list[list[object]]]", permission["SourceArn"])["Fn::Join"][1]
    ]
    assert asked == ["live"]


def test_other_origins_may_not_call(environment: Templates) -> None:
    environment.api.has_resource_properties(
        "AWS::ApiGatewayV2::Api", {"ProtocolType": "HTTP", "CorsConfiguration": Match.absent()}
    )


def test_requests_are_throttled_as_configured(environment: Templates) -> None:
    throttle = environment.config.throttle
    environment.api.resource_count_is(STAGE, 1)
    environment.api.has_resource_properties(
        STAGE,
        {
            "StageName": "$default",
            "AutoDeploy": True,
            "DefaultRouteSettings": Match.object_like(
                {"ThrottlingRateLimit": throttle.rate, "ThrottlingBurstLimit": throttle.burst}
            ),
        },
    )


def test_every_request_is_logged_as_json_without_headers_or_bodies(environment: Templates) -> None:
    (log_group_id,) = resources(environment.api, "AWS::Logs::LogGroup")
    (stage,) = properties(environment.api, STAGE)
    settings = cast("dict[str, object]", stage["AccessLogSettings"])
    line = cast("dict[str, str]", json.loads(str(settings["Format"])))

    assert {"requestId", "route", "status", "latencyMs"} <= set(line)
    assert all(value.startswith("$context.") for value in line.values())
    assert not any("header" in value.lower() or "authorizer" in value.lower() for value in line.values())
    # API Gateway refuses an ARN that ends in ":*".
    assert cast("dict[str, list[list[object]]]", settings["DestinationArn"])["Fn::Join"][1][-1] == {"Ref": log_group_id}


def test_access_logs_expire(environment: Templates) -> None:
    environment.api.has_resource_properties(
        "AWS::Logs::LogGroup",
        {
            "LogGroupName": f"/aws/vendedlogs/flux/{environment.config.name}/api-access",
            "RetentionInDays": environment.config.log_days,
        },
    )


def test_operators_find_the_api_by_its_url(environment: Templates) -> None:
    (api_id,) = resources(environment.api, "AWS::ApiGatewayV2::Api")
    environment.api.has_output("ApiUrl", {"Value": {"Fn::GetAtt": [api_id, "ApiEndpoint"]}})


def _target(environment: Templates, route: dict[str, object] | object) -> str:
    """Return the service name of the function whose alias a route calls."""
    target = cast("dict[str, dict[str, list[list[object]]]]", route)["Target"]["Fn::Join"][1]
    integration_id = cast("dict[str, str]", target[-1])["Ref"]
    integration = cast("dict[str, object]", resources(environment.api, INTEGRATION)[integration_id]["Properties"])
    alias = _alias(environment, integration["IntegrationUri"])
    assert alias["Name"] == "live"
    return _service(environment, alias)


def _service(environment: Templates, alias: dict[str, object]) -> str:
    """Return the service name of the function that an alias is of."""
    function_id = cast("dict[str, str]", alias["FunctionName"])["Ref"]
    function = cast(
        "dict[str, dict[str, dict[str, str]]]",
        resources(environment.compute, "AWS::Lambda::Function")[function_id]["Properties"],
    )
    return function["Environment"]["Variables"]["POWERTOOLS_SERVICE_NAME"]


def _alias_name(environment: Templates, reference: object) -> str:
    return str(_alias(environment, reference)["Name"])


def _alias(environment: Templates, reference: object) -> dict[str, object]:
    """Follow a reference into the compute layer to the alias it names; a KeyError if it names anything else."""
    output = cast("dict[str, dict[str, str]]", reference)["Fn::GetStackOutput"]["OutputName"]
    outputs = cast("dict[str, dict[str, dict[str, str]]]", whole(environment.compute)["Outputs"])
    alias_id = outputs[output]["Value"]["Ref"]
    return cast("dict[str, object]", resources(environment.compute, "AWS::Lambda::Alias")[alias_id]["Properties"])
