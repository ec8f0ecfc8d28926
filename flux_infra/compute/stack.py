"""Compute layer: the functions, their queues, and how they are released."""

from aws_cdk import CfnOutput, Stack
from constructs import Construct

from ..config import FluxConfig
from ..constructs.artifacts import Artifacts
from ..constructs.key import allow_log_groups, build_key
from ..data.stack import DataStack
from ..ml.endpoint import ForecastEndpoint
from ..network.stack import NetworkStack
from .functions import FluxFunctions
from .migrations import Migrations
from .queues import FluxQueues
from .releases import Releases
from .rotations import Rotations
from .workers import feed


class ComputeStack(Stack):
    """Everything that runs code of Flux.

    Attributes:
        key: encrypts messages, and the logs of this layer and of those that stand in front of it.
        api, webhook, sync, forecast, authorizer, migrate, release_gate: the functions.
        rotations: the functions that give secrets new values.
        pos_sync, forecasts: the queues.
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
        queues = FluxQueues(self, "Queues", config=config, key=self.key)
        functions = FluxFunctions(
            self,
            "Functions",
            config=config,
            network=network,
            data=data,
            model=model,
            queues=queues,
            key=self.key,
            artifacts=artifacts,
        )
        self.pos_sync, self.forecasts = queues.pos_sync, queues.forecasts
        self.api, self.webhook = functions.api, functions.webhook
        self.sync, self.forecast = functions.sync, functions.forecast
        self.authorizer = functions.authorizer
        self.migrate, self.release_gate = functions.migrate, functions.release_gate

        feed(self.sync, queue=self.pos_sync, size=config.functions.sync)
        feed(self.forecast, queue=self.forecasts, size=config.functions.forecast)
        migrations = Migrations(
            self, "Migrations", migrate=self.migrate, size=config.functions.migrate, artifacts=artifacts
        )
        migrations.hold(*functions.released)
        self.rotations = Rotations(
            self,
            "Rotations",
            config=config,
            network=network,
            data=data,
            key=self.key,
            artifacts=artifacts,
            migrated=migrations.done,
        ).functions
        Releases(
            self,
            "Releases",
            config=config,
            functions=functions.released,
            gate=self.release_gate,
            api=self.api,
            counts_server_errors=[self.api],
        )
        self._outputs(queues)

    def _outputs(self, queues: FluxQueues) -> None:
        for name, value in {
            "PosSyncQueueUrl": self.pos_sync.queue.queue_url,
            "PosSyncDeadLettersUrl": self.pos_sync.dead_letters.queue_url,
            "ForecastQueueUrl": self.forecasts.queue.queue_url,
            "ForecastDeadLettersUrl": self.forecasts.dead_letters.queue_url,
            "ApiFunctionName": self.api.function.function_name,
            "WebhookFunctionName": self.webhook.function.function_name,
            "SyncFunctionName": self.sync.function.function_name,
            "ForecastFunctionName": self.forecast.function.function_name,
            "AuthorizerFunctionName": self.authorizer.function.function_name,
            "ReleaseGateFunctionName": self.release_gate.function.function_name,
            "MigrateFunctionName": self.migrate.function.function_name,
            "NightlyRuleName": queues.nightly.rule_name,
            "SyncRuleName": queues.quarter_hourly.rule_name,
        }.items():
            CfnOutput(self, name, value=value)
