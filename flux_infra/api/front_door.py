"""The HTTP API's one stage: how much it lets in, and what it writes down."""

import json
from typing import cast

from aws_cdk import aws_apigatewayv2 as apigateway
from aws_cdk import aws_kms as kms
from constructs import Construct

from ..config import FluxConfig
from ..constructs.log_group import build_log_group, log_group_arn
from ..constructs.names import access_log_group_name

# One JSON line a request. The address is CloudFront's, whose own logs hold the viewer's; never a header or a body,
# which carry tokens. ("Logging variables", API Gateway Developer Guide, HTTP APIs.)
ACCESS_LOG_FORMAT = json.dumps(
    {
        "requestId": "$context.requestId",
        "time": "$context.requestTime",
        "method": "$context.httpMethod",
        "path": "$context.path",
        "route": "$context.routeKey",
        "status": "$context.status",
        "bytes": "$context.responseLength",
        "address": "$context.identity.sourceIp",
        "agent": "$context.identity.userAgent",
        "latencyMs": "$context.responseLatency",
        "integrationStatus": "$context.integrationStatus",
        "integrationLatencyMs": "$context.integrationLatency",
        "integrationRequestId": "$context.integration.requestId",
        "error": "$context.error.message",
        "integrationError": "$context.integrationErrorMessage",
    }
)


class FrontDoor(Construct):
    """The default stage, deployed by itself: throttled as configured, with JSON access logs that expire."""

    def __init__(
        self, scope: Construct, construct_id: str, *, config: FluxConfig, http_api: apigateway.HttpApi, key: kms.IKey
    ) -> None:
        super().__init__(scope, construct_id)
        log_group = build_log_group(self, "Logs", config=config, name=access_log_group_name(config), key=key)
        stage = apigateway.HttpStage(
            self,
            "Stage",
            http_api=http_api,
            auto_deploy=True,
            detailed_metrics_enabled=True,  # by route: webhooks outnumber people a hundred to one
            throttle=apigateway.ThrottleSettings(rate_limit=config.throttle.rate, burst_limit=config.throttle.burst),
        )
        cast(
            "apigateway.CfnStage", stage.node.default_child
        ).access_log_settings = apigateway.CfnStage.AccessLogSettingsProperty(
            destination_arn=log_group_arn(log_group), format=ACCESS_LOG_FORMAT
        )
