"""One environment of Flux: seven layers, each handed what it needs from the ones before it."""

from aws_cdk import Environment, Stage
from constructs import Construct

from .api.stack import ApiStack
from .compute.stack import ComputeStack
from .config import FluxConfig
from .constructs.artifacts import Artifacts
from .constructs.producers import name_producers
from .constructs.tags import tag_stack
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
        self.api = ApiStack(self, config=config, compute=self.compute)
        self.frontend = FrontendStack(self, config=config, compute=self.compute, http_api=self.api.http_api)
        self.monitoring = MonitoringStack(
            self,
            config=config,
            data=self.data,
            model=self.ml.endpoint,
            compute=self.compute,
            http_api=self.api.http_api,
            frontend=self.frontend,
        )
        for layer in (self.network, self.data, self.ml, self.compute, self.api, self.frontend, self.monitoring):
            tag_stack(layer, {"Application": "flux", "Environment": config.name, "Layer": layer.node.id.lower()})
            if layer is not self.network:  # the first takes from nobody
                name_producers(layer)
