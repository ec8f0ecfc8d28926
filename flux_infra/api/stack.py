"""API layer: the one way in for point-of-sale systems and people."""

from aws_cdk import CfnOutput, Stack
from aws_cdk import aws_kms as kms
from constructs import Construct

from ..compute.function import FluxFunction
from ..config import FluxConfig
from .front_door import FrontDoor
from .routes import FluxHttpApi


class ApiStack(Stack):
    """The HTTP API in front of the functions.

    key: encrypts its access log.

    Attributes:
        http_api: the API; the frontend layer puts CloudFront in front of it.
    """

    def __init__(
        self, scope: Construct, *, config: FluxConfig, api: FluxFunction, webhook: FluxFunction, key: kms.IKey
    ) -> None:
        super().__init__(scope, "Api", description=f"Flux {config.name}: HTTP API")
        self.http_api = FluxHttpApi(self, "HttpApi", config=config, api=api.alias, webhook=webhook.alias).http_api
        FrontDoor(self, "FrontDoor", config=config, http_api=self.http_api, key=key)
        CfnOutput(
            self,
            "ApiUrl",
            value=self.http_api.api_endpoint,
            description="The API without CloudFront; for operators, not for people",
        )
