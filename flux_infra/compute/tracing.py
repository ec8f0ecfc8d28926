"""What a function has besides where Datadog traces it: Datadog's extension and its settings."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

from aws_cdk import aws_lambda as lambda_

from ..config import FluxConfig


@dataclass(frozen=True, kw_only=True)
class FunctionTracing:
    """How one function is traced.

    handler: of Datadog's library, which is in the bundle and calls ours.
    layer: ARN of the extension. key_secret: ARN of the secret that holds the key.
    variables: what extension and library read.
    """

    layer: str
    key_secret: str
    variables: Mapping[str, str]
    handler: str = "datadog_lambda.handler.handler"

    @classmethod
    def of(cls, config: FluxConfig, *, package: str, service: str, handler: str) -> Self | None:
        """How a function is traced, or None if it is not. handler: ours."""
        datadog = config.datadog
        if datadog is None or datadog.tracing is None or not datadog.traces(package):
            return None
        return cls(
            layer=datadog.tracing.extension_layer,
            key_secret=datadog.tracing.key_secret,
            # No commit among them: with one, each release would change every traced function.
            variables={
                "DD_API_KEY_SECRET_ARN": datadog.tracing.key_secret,
                "DD_CAPTURE_LAMBDA_PAYLOAD": "false",  # it holds people's tokens
                "DD_ENV": config.name,
                "DD_LAMBDA_HANDLER": handler,
                "DD_SERVERLESS_LOGS_ENABLED": "false",  # CloudWatch has them
                "DD_SERVICE": service,
                "DD_SITE": datadog.site,
            },
        )

    def add_to(self, function: lambda_.Function) -> None:
        """Run the extension beside the function. Its variables are no Settings of ours: the library reads them."""
        function.add_layers(lambda_.LayerVersion.from_layer_version_arn(function, "DatadogExtension", self.layer))
        for name, value in self.variables.items():
            function.add_environment(name, value)
