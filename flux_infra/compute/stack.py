"""Compute layer: the functions, their queues, and how they are released."""

from aws_cdk import CfnOutput, Stack
from constructs import Construct

from ..config import FluxConfig
from ..constructs.artifacts import Artifacts
from ..constructs.key import allow_log_groups, build_key
from ..constructs.names import output_name
from ..data.stack import DataStack
from ..ml.endpoint import ForecastEndpoint
from ..network.stack import NetworkStack
from .context import FunctionContext
from .functions import FluxFunctions
from .migrations import Migrations
from .queues import FluxQueues
from .releases import Releases
from .rotations import Rotations


class ComputeStack(Stack):
    """Everything that runs code of Flux.

    Attributes:
        context: what functions of later layers are built with.
        key: encrypts messages, and the logs of this layer and of those that stand in front of it.
        queues, functions: by name, and all of them.
        rotations: the functions that give secrets new values, and those secrets, but for CloudFront's.
    """

    def __init__(  # noqa: PLR0913 - the layers that the functions join
        self,
        scope: Construct,
        *,
        config: FluxConfig,
        network: NetworkStack,
        data: DataStack,
        model: ForecastEndpoint,
        artifacts: Artifacts,
    ) -> None:
        super().__init__(scope, "Compute", description=f"Flux {config.name}: functions, queues and their releases")
        self.key = build_key(self, "Key", config=config, description="messages and logs")
        allow_log_groups(self.key)
        self.context = context = FunctionContext(
            config=config, network=network, data=data, key=self.key, artifacts=artifacts
        )
        self.queues = FluxQueues(self, "Queues", config=config, key=self.key)
        self.functions = FluxFunctions(self, "Functions", context=context, model=model, queues=self.queues)
        migrations = Migrations(self, "Migrations", migrate=self.functions.migrate, artifacts=artifacts)
        migrations.precede(self.functions.released)
        self.rotations = Rotations(self, "Rotations", context=context, migrated=migrations.done)
        Releases(
            self,
            "Releases",
            config=config,
            functions=self.functions.released,
            gate=self.functions.release_gate,
            api=self.functions.api,
            counts_requests=[self.functions.api],
        )
        self._outputs()

    def _outputs(self) -> None:
        """For operators and tests: what each queue, function and schedule is called."""
        for queue in self.queues.all:
            CfnOutput(self, output_name(queue.name, "QueueUrl"), value=queue.queue.queue_url)
            CfnOutput(self, output_name(queue.name, "DeadLettersUrl"), value=queue.dead_letters.queue_url)
        for function in self.functions.all:
            CfnOutput(self, output_name(function.name, "FunctionName"), value=function.function.function_name)
        for name, rule in self.queues.schedules.items():
            CfnOutput(self, name, value=rule.rule_name)
