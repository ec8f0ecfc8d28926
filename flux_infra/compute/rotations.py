"""Every secret that rotates, and how."""

from collections.abc import Mapping

from aws_cdk import Stack
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_secretsmanager as secretsmanager
from constructs import Construct, IDependable

from ..config import FluxConfig
from ..constructs.artifacts import Artifacts
from ..constructs.grants import grant_secret_read
from ..constructs.names import cache_user_id
from ..data.stack import DataStack
from ..network.stack import NetworkStack
from .function import FluxFunction
from .functions import cache_environment, database_environment
from .rotation import SecretRotation


class Rotations(Construct):
    """One rotation for each secret that has one. docs/runbooks/rotate-a-secret.md lists those that have none, and why.

    migrated: the first migration makes the functions' login, without which its rotation cannot be tried.

    Attributes:
        functions: all rotation functions.
    """

    def __init__(  # noqa: PLR0913 - the layers below, which the functions join
        self,
        scope: Construct,
        construct_id: str,
        *,
        config: FluxConfig,
        network: NetworkStack,
        data: DataStack,
        key: kms.IKey,
        artifacts: Artifacts,
        migrated: IDependable,
    ) -> None:
        super().__init__(scope, construct_id)
        self._config, self._network, self._data = config, network, data
        self._key, self._artifacts, self._migrated = key, artifacts, migrated
        self.functions: tuple[FluxFunction, ...] = (
            self._database("DatabaseLogin", "rotate-database-login", data.database.functions),
            self._database("DatabaseOwner", "rotate-database-owner", data.database.owner),
            self._cache(),
            self._rotation("TokenKey", "rotate-token-key", data.secrets.token_keys, "token-key", {}).function,
            self._square(),
        )

    def _database(self, construct_id: str, name: str, secret: secretsmanager.ISecret) -> FluxFunction:
        """Return the rotation of a login that changes its own password."""
        environment = database_environment(self._data.database, secret)
        function = self._rotation(construct_id, name, secret, "database-login", environment, after=self._migrated)
        self._data.database.allow_from(function.function)
        return function.function

    def _cache(self) -> FluxFunction:
        cache, user = self._data.cache, cache_user_id(self._config)
        environment = {**cache_environment(cache), "CACHE_USER": user}
        rotation = self._rotation("CacheLogin", "rotate-cache-login", cache.secret, "cache-login", environment)
        cache.allow_from(rotation.function)
        stack = Stack.of(self)
        iam.Grant.add_to_principal(
            grantee=rotation.function.function,
            actions=["elasticache:DescribeUsers", "elasticache:ModifyUser"],
            resource_arns=[
                f"arn:{stack.partition}:elasticache:{self._config.region}:{self._config.account}:user:{user}",
            ],
        )
        return rotation.function

    def _square(self) -> FluxFunction:
        secrets = self._data.secrets
        environment = {
            "SQUARE_API_URL": self._config.square_api_url,
            "SQUARE_ACCESS_SECRET": secrets.square_access.secret_arn,
        }
        rotation = self._rotation(
            "SquareWebhook", "rotate-square-webhook", secrets.square_webhook, "square-webhook", environment
        )
        grant_secret_read(secrets.square_access, key=self._data.key, to=rotation.function.function)
        rotation.function.connections.allow_to_any_ipv4(ec2.Port.tcp(443), "Square, through NAT")
        return rotation.function

    def _rotation(  # noqa: PLR0913 - what differs between rotations
        self,
        construct_id: str,
        name: str,
        secret: secretsmanager.ISecret,
        strategy: str,
        environment: Mapping[str, str],
        *,
        after: IDependable | None = None,
    ) -> SecretRotation:
        return SecretRotation(
            self,
            construct_id,
            config=self._config,
            network=self._network,
            data=self._data,
            key=self._key,
            artifacts=self._artifacts,
            name=name,
            secret=secret,
            strategy=strategy,
            environment=environment,
            after=after,
        )
