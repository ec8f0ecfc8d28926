"""Model layer: the endpoint that forecasts demand."""

from aws_cdk import CfnOutput, Stack
from aws_cdk import aws_ec2 as ec2
from constructs import Construct

from ..config import FluxConfig
from ..constructs.artifacts import Artifacts
from ..constructs.key import allow_log_groups, build_key
from .endpoint import ForecastEndpoint


class MlStack(Stack):
    """The SageMaker endpoint and the key of its disks and logs.

    Attributes:
        endpoint: what the forecast worker calls.
    """

    def __init__(self, scope: Construct, *, config: FluxConfig, vpc: ec2.IVpc, artifacts: Artifacts) -> None:
        super().__init__(
            scope,
            "Ml",
            description=f"Flux {config.name}: forecasting model",
            termination_protection=not config.ephemeral,  # it keeps every model that was ever released
        )
        key = build_key(self, "Key", config=config, description="disks of the model's instances")
        allow_log_groups(key)
        self.endpoint = ForecastEndpoint(
            self, "Forecast", config=config, vpc=vpc, key=key, artifact=artifacts.model(self, "Artifact")
        )
        CfnOutput(self, "EndpointName", value=self.endpoint.name, description="What InvokeEndpoint asks for")
