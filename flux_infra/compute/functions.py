"""The seven functions of Flux: what each is for, what it is told, and what it may do."""

from collections.abc import Mapping

from aws_cdk import Stack
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_secretsmanager as secretsmanager
from constructs import Construct

from ..config import FluxConfig, FunctionSize
from ..constructs.artifacts import Artifacts, FunctionName
from ..constructs.grants import grant_secret_read
from ..data.cache import FluxCache
from ..data.database import FluxDatabase
from ..data.stack import DataStack
from ..ml.endpoint import ForecastEndpoint
from ..network.stack import NetworkStack
from .drills import allow_drills
from .function import FluxFunction
from .queues import FluxQueues
from .release_thresholds import RELEASE_THRESHOLDS
from .snapshots import grant_snapshots, snapshot_environment


def database_environment(database: FluxDatabase, secret: secretsmanager.ISecret) -> dict[str, str]:
    """What a function is told that logs in to PostgreSQL as the secret says."""
    return {
        "DATABASE_HOST": database.instance.db_instance_endpoint_address,
        "DATABASE_PORT": database.instance.db_instance_endpoint_port,
        "DATABASE_NAME": database.name,
        "DATABASE_SECRET": secret.secret_arn,
        # libpq reads these two itself: the server must prove that it is the one that DATABASE_HOST names.
        "PGSSLMODE": "verify-full",
        "PGSSLROOTCERT": "/var/task/rds-ca.pem",
    }


def cache_environment(cache: FluxCache) -> dict[str, str]:
    """What a function is told that logs in to Valkey."""
    return {"CACHE_HOST": cache.host, "CACHE_PORT": cache.port, "CACHE_SECRET": cache.secret.secret_arn}


class FluxFunctions(Construct):
    """Every function with its environment, its grants and its network rules.

    The environment names things and never holds a secret: functions read secrets when they start.

    Attributes:
        api, webhook, sync, forecast, authorizer: take traffic; each new version is released step by step.
        released: these five.
        migrate: changes the database's schema.
        release_gate: tries a new version of those that take traffic.
    """

    def __init__(  # noqa: PLR0913 - the layers below, which the functions join
        self,
        scope: Construct,
        construct_id: str,
        *,
        config: FluxConfig,
        network: NetworkStack,
        data: DataStack,
        model: ForecastEndpoint,
        queues: FluxQueues,
        key: kms.IKey,
        artifacts: Artifacts,
    ) -> None:
        super().__init__(scope, construct_id)
        self._config, self._network, self._data = config, network, data
        self._key, self._artifacts = key, artifacts
        self.api = self._build_api()
        self.webhook = self._build_webhook(queues)
        self.sync = self._build_sync(queues)
        self.forecast = self._build_forecast(queues, model)
        self.authorizer = self._build_authorizer()
        self.released = (self.api, self.webhook, self.sync, self.forecast, self.authorizer)
        self.migrate = self._build_migrate()
        self.release_gate = self._build_release_gate()

    def _build_api(self) -> FluxFunction:
        cache, token_keys = self._data.cache, self._data.secrets.token_keys
        api = self._function(
            "Api",
            "api",
            self._config.functions.api,
            "serves people's requests",
            {
                **database_environment(self._data.database, self._data.database.functions),
                **cache_environment(cache),
                "TOKEN_KEYS_SECRET": token_keys.secret_arn,
            },
        )
        self._allow_database(api, self._data.database.functions)
        cache.allow_from(api)
        self._grant_secret(cache.secret, api)
        self._grant_secret(token_keys, api)
        return api

    def _build_webhook(self, queues: FluxQueues) -> FluxFunction:
        square = self._data.secrets.square_webhook
        webhook = self._function(
            "Webhook",
            "webhook",
            self._config.functions.webhook,
            "takes in what POS providers send",
            {"POS_SYNC_QUEUE_URL": queues.pos_sync.queue.queue_url, "SQUARE_WEBHOOK_SECRET": square.secret_arn},
        )
        self._grant_secret(square, webhook)
        queues.pos_sync.grant_send(webhook.function)
        # Whether the key is being replaced at this moment: lambdas/webhook/square.py.
        iam.Grant.add_to_principal(
            grantee=webhook.function, actions=["secretsmanager:DescribeSecret"], resource_arns=[square.secret_arn]
        )
        return webhook

    def _build_sync(self, queues: FluxQueues) -> FluxFunction:
        square, token_key = self._data.secrets.square_application, self._data.token_key
        sync = self._function(
            "Sync",
            "sync",
            self._config.functions.sync,
            "stores the sales that POS providers report",
            {
                **database_environment(self._data.database, self._data.database.functions),
                "POS_SYNC_QUEUE_URL": queues.pos_sync.queue.queue_url,
                "SQUARE_API_URL": self._config.square_api_url,
                "SQUARE_APPLICATION_SECRET": square.secret_arn,
                "POS_TOKEN_KEY": token_key.key_arn,
            },
        )
        self._allow_database(sync, self._data.database.functions)
        self._grant_secret(square, sync)
        iam.Grant.add_to_principal(
            grantee=sync.function, actions=["kms:Decrypt", "kms:Encrypt"], resource_arns=[token_key.key_arn]
        )
        queues.pos_sync.grant_send(sync.function)
        # The one function that leaves the VPC: POS providers have no fixed addresses to name here.
        sync.connections.allow_to_any_ipv4(ec2.Port.tcp(443), "POS providers, through NAT")
        return sync

    def _build_forecast(self, queues: FluxQueues, model: ForecastEndpoint) -> FluxFunction:
        forecast = self._function(
            "Forecast",
            "forecast",
            self._config.functions.forecast,
            "forecasts the demand of one restaurant at a time",
            {
                **database_environment(self._data.database, self._data.database.functions),
                "FORECAST_QUEUE_URL": queues.forecasts.queue.queue_url,
                "FORECAST_ENDPOINT": model.name,
            },
        )
        self._allow_database(forecast, self._data.database.functions)
        queues.forecasts.grant_send(forecast.function)
        iam.Grant.add_to_principal(
            grantee=forecast.function, actions=["sagemaker:InvokeEndpoint"], resource_arns=[model.arn]
        )
        return forecast

    def _build_authorizer(self) -> FluxFunction:
        origin = self._data.secrets.origin
        authorizer = self._function(
            "Authorizer",
            "authorizer",
            self._config.functions.authorizer,
            "tells requests that came through CloudFront from others",
            {"ORIGIN_SECRET": origin.secret_arn},
        )
        self._grant_secret(origin, authorizer)
        return authorizer

    def _build_migrate(self) -> FluxFunction:
        database = self._data.database
        migrate = self._function(
            "Migrate",
            "migrate",
            self._config.functions.migrate,
            "brings the database's schema up to date",
            {
                **database_environment(self._data.database, database.owner),
                "FUNCTIONS_DATABASE_SECRET": database.functions.secret_arn,
                "MIGRATIONS_HASH": self._artifacts.migrations_hash(),
                **snapshot_environment(self._config),
            },
        )
        grant_snapshots(migrate, config=self._config, key=self._data.key)
        allow_drills(migrate, config=self._config, data=self._data)
        self._allow_database(migrate, database.owner)
        self._grant_secret(database.functions, migrate)
        self._network.endpoints.allow_s3_from(migrate)  # where CloudFormation waits for a custom resource's answer
        return migrate

    def _build_release_gate(self) -> FluxFunction:
        """Which functions it may try is granted by each deployment group.

        It reads what its requests are signed and proven with: see docs/decisions/0011.
        """
        secrets = self._data.secrets
        token_keys, square, origin = secrets.token_keys, secrets.square_webhook, secrets.origin
        rule = RELEASE_THRESHOLDS.gate
        names = {function.function.function_name: function.name for function in self.released}
        gate = self._function(
            "ReleaseGate",
            "release_gate",
            self._config.functions.release_gate,
            "tries a new version before it takes traffic",
            {
                # Flux's own name of a function says how to try it.
                "GATED_FUNCTIONS": Stack.of(self).to_json_string(names),
                "TOKEN_KEYS_SECRET": token_keys.secret_arn,
                "SQUARE_WEBHOOK_SECRET": square.secret_arn,
                "ORIGIN_SECRET": origin.secret_arn,
                # Where nobody is hurt, once is enough; in production also what fails now and then must be found.
                "REQUESTS": str(1 if self._config.disposable else rule.requests),
                "REFUSED_AT": str(1 if self._config.disposable else rule.refused_at),
            },
        )
        self._grant_secret(token_keys, gate)
        self._grant_secret(square, gate)
        self._grant_secret(origin, gate)
        return gate

    def _function(
        self,
        construct_id: str,
        package: FunctionName,
        size: FunctionSize,
        description: str,
        environment: Mapping[str, str],
    ) -> FluxFunction:
        function = FluxFunction(
            self,
            construct_id,
            package=package,
            config=self._config,
            size=size,
            vpc=self._network.vpc,
            key=self._key,
            artifacts=self._artifacts,
            description=description,
            environment=environment,
        )
        self._network.endpoints.allow_from(function)
        return function

    def _allow_database(self, function: FluxFunction, secret: secretsmanager.ISecret) -> None:
        self._data.database.allow_from(function)
        self._grant_secret(secret, function)

    def _grant_secret(self, secret: secretsmanager.ISecret, function: FluxFunction) -> None:
        grant_secret_read(secret, key=self._data.key, to=function.function)
