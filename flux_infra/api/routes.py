"""The HTTP API, and which function answers which path."""

from aws_cdk import Duration
from aws_cdk import aws_apigatewayv2 as apigateway
from aws_cdk import aws_lambda as lambda_
from aws_cdk.aws_apigatewayv2_integrations import HttpLambdaIntegration
from constructs import Construct

from ..config import FluxConfig


class FluxHttpApi(Construct):
    """Sends webhooks to the webhook function and every other path under /api/ to the api function.

    Routes call the functions' aliases, so that a release shifts traffic without a change here. There is no CORS
    configuration: the site and the API share one origin, CloudFront, and no other site has a reason to call.

    authorizer: asked before every route.

    Attributes:
        http_api: the API, without a stage.
    """

    def __init__(  # noqa: PLR0913 - whom it calls
        self,
        scope: Construct,
        construct_id: str,
        *,
        config: FluxConfig,
        api: lambda_.IAlias,
        webhook: lambda_.IAlias,
        authorizer: apigateway.IHttpRouteAuthorizer,
    ) -> None:
        super().__init__(scope, construct_id)
        self.http_api = apigateway.HttpApi(
            self,
            "Api",
            api_name=f"flux-{config.name}",
            description="Flux: webhooks and the application's API",
            create_default_stage=False,  # the stage is ours: logged and throttled
            default_authorizer=authorizer,
        )
        self.http_api.add_routes(
            path="/api/v1/webhooks/{provider}",
            methods=[apigateway.HttpMethod.POST],
            integration=_integration("Webhook", webhook, timeout_seconds=config.functions.webhook.timeout_seconds),
        )
        self.http_api.add_routes(
            path="/api/{proxy+}",
            # Every method: the api refuses what it does not know with a problem document, API Gateway would not.
            methods=[apigateway.HttpMethod.ANY],
            integration=_integration("Api", api, timeout_seconds=config.functions.api.timeout_seconds),
        )


def _integration(name: str, alias: lambda_.IAlias, *, timeout_seconds: int) -> HttpLambdaIntegration:
    # One second more than the function has, so that its own timeout is what is seen; HTTP APIs allow at most 30 s.
    return HttpLambdaIntegration(
        name,
        alias,
        payload_format_version=apigateway.PayloadFormatVersion.VERSION_2_0,
        timeout=Duration.seconds(timeout_seconds + 1),
    )
