"""The functions of Flux: what each is for, and what it may use."""

from dataclasses import asdict, replace

from constructs import Construct

from ..config import ReleasedFunction
from ..config.promises import FORECASTS_DUE_HOUR, SALES_VISIBLE_SECONDS
from ..ml.endpoint import ForecastEndpoint
from .context import FunctionContext
from .drills import allow_drills
from .function import FluxFunction
from .queues import FluxQueues
from .snapshots import allow_snapshots

# What the gate asks of a version where no data are kept: about twice all that it can ask.
EPHEMERAL_REQUESTS = 80


class FluxFunctions(Construct):
    """Every function that is not a secret's rotation.

    Attributes:
        all: in the order in which the dashboard shows them.
        released: those that take traffic; each new version is released step by step.
        api, webhook, sync, forecast, authorizer, migrate, release_gate: by name.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        context: FunctionContext,
        model: ForecastEndpoint,
        queues: FluxQueues,
    ) -> None:
        super().__init__(scope, construct_id)
        self._context, self._config, self._data = context, context.config, context.data
        self.all: list[FluxFunction] = []
        self.api = self._build_api()
        self.webhook = self._build_webhook(queues)
        self.sync = self._build_sync(queues)
        self.forecast = self._build_forecast(queues, model)
        self.authorizer = self._build_authorizer()
        self.migrate = self._build_migrate()
        self.release_gate = self._build_release_gate()

    @property
    def released(self) -> list[FluxFunction]:
        """See the class."""
        return [function for function in self.all if isinstance(function.size, ReleasedFunction)]

    def _build_api(self) -> FluxFunction:
        api = self._function("Api", "api", "serves people's requests")
        api.use_database(self._data.database.functions)
        api.use_cache()
        api.use_secret("TOKEN_KEYS_SECRET", self._data.secrets.token_keys)
        self._know_probe(api)
        return api

    def _build_webhook(self, queues: FluxQueues) -> FluxFunction:
        square = self._data.secrets.square_webhook
        webhook = self._function("Webhook", "webhook", "takes in what POS providers send")
        webhook.use_secret("SQUARE_WEBHOOK_SECRET", square)
        webhook.use_queue(queues.pos_sync)
        self._know_probe(webhook)
        # Whether the key is being replaced at this moment: lambdas/webhook/square.py.
        webhook.allow("secretsmanager:DescribeSecret", on=[square.secret_arn])
        return webhook

    def _build_sync(self, queues: FluxQueues) -> FluxFunction:
        sync = self._function("Sync", "sync", "stores the sales that POS providers report")
        sync.use_database(self._data.database.functions)
        sync.use_secret("SQUARE_APPLICATION_SECRET", self._data.secrets.square_application)
        sync.use_key("POS_TOKEN_KEY", self._data.token_key)
        sync.use_queue(queues.pos_sync)
        sync.set_variables(
            {"SQUARE_API_URL": self._config.square_api_url, "SALES_VISIBLE_SECONDS": str(SALES_VISIBLE_SECONDS)}
        )
        sync.use_internet("POS providers, through NAT")
        sync.add_queue_trigger(queues.pos_sync)
        return sync

    def _build_forecast(self, queues: FluxQueues, model: ForecastEndpoint) -> FluxFunction:
        forecast = self._function("Forecast", "forecast", "forecasts the demand of one restaurant at a time")
        forecast.use_database(self._data.database.functions)
        forecast.use_queue(queues.forecasts)
        forecast.use_model(model)
        forecast.set_variables({"FORECASTS_DUE_HOUR": str(FORECASTS_DUE_HOUR)})
        forecast.add_queue_trigger(queues.forecasts)
        return forecast

    def _build_authorizer(self) -> FluxFunction:
        authorizer = self._function(
            "Authorizer", "authorizer", "tells requests that came through CloudFront from others"
        )
        authorizer.use_secret("ORIGIN_SECRET", self._data.secrets.origin)
        return authorizer

    def _build_migrate(self) -> FluxFunction:
        database = self._data.database
        migrate = self._function("Migrate", "migrate", "brings the database's schema up to date")
        allow_snapshots(migrate, config=self._config, key=self._data.key)
        allow_drills(migrate, config=self._config, data=self._data)
        migrate.use_database(database.owner)
        migrate.use_secret("FUNCTIONS_DATABASE_SECRET", database.functions)
        migrate.set_variables({"MIGRATIONS_HASH": self._context.artifacts.migrations_hash()})
        migrate.use_s3_network()  # where CloudFormation waits for a custom resource's answer
        return migrate

    def _build_release_gate(self) -> FluxFunction:
        """Which functions it may try, the releases say.

        It reads what its requests are signed and proven with: see docs/decisions/0011.
        """
        secrets = self._data.secrets
        gate = self._function("ReleaseGate", "release_gate", "tries a new version before it takes traffic")
        gate.use_secret("TOKEN_KEYS_SECRET", secrets.token_keys)
        gate.use_secret("SQUARE_WEBHOOK_SECRET", secrets.square_webhook)
        gate.use_secret("ORIGIN_SECRET", secrets.origin)
        rule = self._config.release_thresholds.gate
        if self._config.ephemeral:
            # Where no data are kept, a few rounds are enough; in production also what fails now and then must be found.
            rule = replace(rule, requests=EPHEMERAL_REQUESTS)
        gate.set_variables({name.upper(): str(value) for name, value in asdict(rule).items()})
        return gate

    def _know_probe(self, function: FluxFunction) -> None:
        """Let it tell the probe from others, where there is one (docs/decisions/0063)."""
        if self._data.secrets.probe is not None:
            function.use_secret("PROBE_SECRET", self._data.secrets.probe)

    def _function(self, construct_id: str, package: str, description: str) -> FluxFunction:
        function = FluxFunction(self, construct_id, package=package, context=self._context, description=description)
        self.all.append(function)
        return function
