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

    construct: its name under `<layer>/<group>` of constructs. config: its attribute of `Functions` in environments.py.
    variables: environment variables that decide what it talks to. reaches: where its security group lets it go.
    service: its name in logs and alarms, if not that of its configuration. rotates: the secret that it rotates.
    reaches_backups: where it goes besides, in environments whose database is backed up.
    released: whether CodeDeploy shifts its traffic. feeds_on: the queue that starts it.
    holds_connections: whether each instance may hold one to PostgreSQL.
    counts_server_errors: whether it emits ServerErrors, which its release alarm then watches.
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
    group: str = "Functions"
    layer: str = "Compute"
    service: str = ""
    rotates: str = ""

    @property
    def name(self) -> str:
        """Of the function: `Layer/ConstructNames`."""
        return self.part("Function")

    @property
    def service_name(self) -> str:
        """In logs and alarms."""
        return self.service or self.config.replace("_", "-")

    def part(self, part: str) -> str:
        """Name of something that belongs to this function alone, like its `Role`."""
        return f"{self.layer}/{self.group}{self.construct}{part}"


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
AUTHORIZER = Workload(
    construct="Authorizer",
    config="authorizer",
    variables={"ORIGIN_SECRET": "${Data/SecretsOrigin}"},
    reaches=frozenset({ENDPOINTS}),
    holds_connections=False,
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
        "ORIGIN_SECRET": "${Data/SecretsOrigin}",
        "SQUARE_WEBHOOK_SECRET": "${Data/SecretsSquareWebhook}",
        "TOKEN_KEYS_SECRET": "${Data/SecretsTokenKeys}",
    },
    reaches=frozenset({ENDPOINTS}),
    released=False,
    holds_connections=False,
)


def _rotation(  # noqa: PLR0913 - what differs between rotations
    construct: str,
    service: str,
    secret: str,
    *,
    strategy: str,
    variables: Mapping[str, str],
    reaches: frozenset[str],
    place: tuple[str, str] = ("Compute", "Rotations"),
) -> Workload:
    """Return the function that rotates one secret. place: its layer and group."""
    told = {"ROTATED_SECRET": f"${{{secret}}}", "ROTATION_STRATEGY": strategy}
    return Workload(
        layer=place[0],
        group=place[1],
        construct=f"{construct}Rotate",
        config="rotation",
        service=service,
        rotates=secret,
        variables={**told, **variables},
        reaches=reaches | {ENDPOINTS},
        released=False,
        holds_connections=DATABASE in reaches,
    )


ROTATIONS = (
    _rotation(
        "DatabaseLogin",
        "rotate-database-login",
        "Data/DatabaseFunctions",
        strategy="database-login",
        variables=_DATABASE,
        reaches=frozenset({DATABASE}),
    ),
    _rotation(
        "DatabaseOwner",
        "rotate-database-owner",
        "Data/DatabaseOwner",
        strategy="database-login",
        variables={**_DATABASE, "DATABASE_SECRET": "${Data/DatabaseOwner}"},
        reaches=frozenset({DATABASE}),
    ),
    _rotation(
        "CacheLogin",
        "rotate-cache-login",
        "Data/CacheUser",
        strategy="cache-login",
        variables={
            "CACHE_HOST": "${Data/CacheReplicationGroup.PrimaryEndPoint.Address}",
            "CACHE_PORT": "${Data/CacheReplicationGroup.PrimaryEndPoint.Port}",
            "CACHE_SECRET": "${Data/CacheUser}",
            "CACHE_USER": "flux-<name>-functions",
        },
        reaches=frozenset({CACHE}),
    ),
    _rotation(
        "TokenKey",
        "rotate-token-key",
        "Data/SecretsTokenKeys",
        strategy="token-key",
        variables={},
        reaches=frozenset(),
    ),
    _rotation(
        "SquareWebhook",
        "rotate-square-webhook",
        "Data/SecretsSquareWebhook",
        strategy="square-webhook",
        variables={"SQUARE_ACCESS_SECRET": "${Data/SecretsSquareAccess}"},
        reaches=frozenset({INTERNET}),
    ),
    _rotation(
        "",
        "rotate-origin",
        "Data/SecretsOrigin",
        strategy="origin",
        variables={
            "DISTRIBUTION_ID": "${Frontend/EdgeDistribution}",
            "ORIGIN_HEADER": "x-flux-origin",
            "AUTHORIZER": "${Compute/FunctionsAuthorizerLive}",
        },
        reaches=frozenset({INTERNET}),
        place=("Frontend", "Origin"),
    ),
)

# Which secret has no schedule, and why. Shown in docs/runbooks/rotate-a-secret.md, which says how a person does it.
NOT_ROTATED = {
    "Data/SecretsSquareApplication": "Square replaces the secret of an OAuth application in its developer console only",
    "Data/SecretsSquareAccess": "Square replaces an application's access token in its developer console only",
}

SERVING = (API, WEBHOOK, SYNC, FORECAST, AUTHORIZER, MIGRATE, RELEASE_GATE)
WORKLOADS = (*SERVING, *ROTATIONS)
RELEASED = tuple(workload for workload in WORKLOADS if workload.released)
