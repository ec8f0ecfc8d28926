"""API layer: the one way in for point-of-sale systems and people."""

from aws_cdk import CfnOutput, Stack
from constructs import Construct

from ..compute.stack import ComputeStack
from ..config import FluxConfig
from .front_door import FrontDoor
from .origin_lock import OriginLock
from .routes import FluxHttpApi


class ApiStack(Stack):
    """The HTTP API in front of the functions.

    key: encrypts its access log.

    Attributes:
        http_api: the API; the frontend layer puts CloudFront in front of it.
    """

    def __init__(self, scope: Construct, *, config: FluxConfig, compute: ComputeStack) -> None:
        super().__init__(scope, "Api", description=f"Flux {config.name}: HTTP API")
        self.http_api = FluxHttpApi(
            self,
            "HttpApi",
            config=config,
            api=compute.functions.api.alias,
            webhook=compute.functions.webhook.alias,
            authorizer=OriginLock(authorizer=compute.functions.authorizer.alias),
        ).http_api
        FrontDoor(self, "FrontDoor", config=config, http_api=self.http_api, key=compute.key)
        CfnOutput(self, "HttpApiId", value=self.http_api.api_id, description="The API's name in CloudWatch's metrics")
        CfnOutput(
            self,
            "ApiUrl",
            value=self.http_api.api_endpoint,
            description="The API behind CloudFront; it answers 401 to whoever calls it directly",
        )
