"""One environment of Flux: seven layers, each handed what it needs from the ones before it."""

from aws_cdk import Environment, Stage, Tags
from constructs import Construct

from .api.stack import ApiStack
from .building.artifacts import Artifacts
from .compute.stack import ComputeStack
from .config import FluxConfig
from .data.stack import DataStack
from .frontend.stack import FrontendStack
from .ml.stack import MlStack
from .monitoring.stack import MonitoringStack
from .network.stack import NetworkStack


class FluxStage(Stage):
    """`Flux-<environment>`; `cdk deploy 'Flux-prod/*'` deploys its stacks.

    Attributes: the seven stacks, in the order in which they are deployed.
    """

    def __init__(self, scope: Construct, config: FluxConfig, *, artifacts: Artifacts) -> None:
        super().__init__(scope, f"Flux-{config.name}", env=Environment(account=config.account, region=config.region))
        self.network = NetworkStack(self, config=config)
        self.data = DataStack(self, config=config, vpc=self.network.vpc)
        self.ml = MlStack(self, config=config, vpc=self.network.vpc, artifacts=artifacts)
        self.compute = ComputeStack(
            self, config=config, network=self.network, data=self.data, model=self.ml.endpoint, artifacts=artifacts
        )
        self.api = ApiStack(self, config=config, api=self.compute.api, webhook=self.compute.webhook)
        self.frontend = FrontendStack(self, config=config, http_api=self.api.http_api, artifacts=artifacts)
        self.monitoring = MonitoringStack(
            self,
            config=config,
            data=self.data,
            model=self.ml.endpoint,
            compute=self.compute,
            http_api=self.api.http_api,
            distribution=self.frontend.distribution,
        )
        # Per Stage, because Aspects on the App stop at a Stage's border; `Layer` is each stack's own tag.
        Tags.of(self).add("Application", "flux")
        Tags.of(self).add("Environment", config.name)
