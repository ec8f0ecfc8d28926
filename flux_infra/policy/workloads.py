"""Flux's functions as the gate expects them: what each is told, what it may reach, and what its role may do."""

from collections.abc import Mapping
from dataclasses import dataclass

_DATABASE = {
    "DATABASE_HOST": "${Data/DatabaseInstance.Endpoint.Address}",
    "DATABASE_PORT": "${Data/DatabaseInstance.Endpoint.Port}",
    "DATABASE_NAME": "flux",
    "DATABASE_SECRET": "${Data/DatabaseFunctions}",
    "PGSSLMODE": "verify-full",
    "PGSSLROOTCERT": "/var/task/rds-ca.pem",
}

RESTORED = "Data/RestoredSecurityGroup"  # in front of what a restore drill restored
DATABASE, CACHE, ENDPOINTS = "Data/DatabaseSecurityGroup", "Data/CacheSecurityGroup", "Network/EndpointsSecurityGroup"
S3, INTERNET = "prefix list of S3", "the internet, HTTPS"


@dataclass(frozen=True, kw_only=True)
class Workload:
    """One function.

    construct: its name under `Compute/Functions`. config: its attribute of `Functions` in environments.py.
    variables: environment variables that decide what it talks to. reaches: where its security group lets it go.
    reaches_backups: where it goes besides, in environments whose database is backed up.
    released: whether CodeDeploy shifts its traffic. feeds_on: the queue that starts it.
    """

    construct: str
    config: str
    variables: Mapping[str, str]
    reaches: frozenset[str]
    reaches_backups: frozenset[str] = frozenset()
    released: bool = True
    feeds_on: str = ""
    holds_connections: bool = True
    counts_server_errors: bool = False

    @property
    def name(self) -> str:
        """Of the function: `Layer/ConstructNames`."""
        return f"Compute/Functions{self.construct}Function"

    def part(self, part: str) -> str:
        """Name of something that belongs to this function alone, like its `Role`."""
        return f"Compute/Functions{self.construct}{part}"


API = Workload(
    construct="Api",
    config="api",
    variables={
        **_DATABASE,
        "CACHE_HOST": "${Data/CacheReplicationGroup.PrimaryEndPoint.Address}",
        "CACHE_PORT": "${Data/CacheReplicationGroup.PrimaryEndPoint.Port}",
        "CACHE_SECRET": "${Data/CacheUser}",
        "TOKEN_KEYS_SECRET": "${Data/SecretsTokenKeys}",
    },
    reaches=frozenset({DATABASE, CACHE, ENDPOINTS}),
    counts_server_errors=True,
)
WEBHOOK = Workload(
    construct="Webhook",
    config="webhook",
    variables={
        "POS_SYNC_QUEUE_URL": "${Compute/QueuesPosSyncQueue}",
        "SQUARE_WEBHOOK_SECRET": "${Data/SecretsSquareWebhook}",
    },
    reaches=frozenset({ENDPOINTS}),
    holds_connections=False,
)
SYNC = Workload(
    construct="Sync",
    config="sync",
    variables={
        **_DATABASE,
        "POS_SYNC_QUEUE_URL": "${Compute/QueuesPosSyncQueue}",
        "POS_TOKEN_KEY": "${Data/TokenKey.Arn}",
        "SQUARE_APPLICATION_SECRET": "${Data/SecretsSquareApplication}",
    },
    reaches=frozenset({DATABASE, ENDPOINTS, INTERNET}),
    feeds_on="Compute/QueuesPosSyncQueue",
)
FORECAST = Workload(
    construct="Forecast",
    config="forecast",
    variables={
        **_DATABASE,
        "FORECAST_ENDPOINT": "flux-<name>-forecast",
        "FORECAST_QUEUE_URL": "${Compute/QueuesForecastsQueue}",
    },
    reaches=frozenset({DATABASE, ENDPOINTS}),
    feeds_on="Compute/QueuesForecastsQueue",
)
MIGRATE = Workload(
    construct="Migrate",
    config="migrate",
    variables={
        **_DATABASE,
        "DATABASE_SECRET": "${Data/DatabaseOwner}",
        "FUNCTIONS_DATABASE_SECRET": "${Data/DatabaseFunctions}",
    },
    reaches=frozenset({DATABASE, ENDPOINTS, S3}),
    reaches_backups=frozenset({RESTORED}),
    released=False,
)
RELEASE_GATE = Workload(
    construct="ReleaseGate",
    config="release_gate",
    variables={
        "SQUARE_WEBHOOK_SECRET": "${Data/SecretsSquareWebhook}",
        "TOKEN_KEYS_SECRET": "${Data/SecretsTokenKeys}",
    },
    reaches=frozenset({ENDPOINTS}),
    released=False,
    holds_connections=False,
)

WORKLOADS = (API, WEBHOOK, SYNC, FORECAST, MIGRATE, RELEASE_GATE)
RELEASED = tuple(workload for workload in WORKLOADS if workload.released)
