"""Every secret that rotates, and how."""

from aws_cdk import ArnFormat, Stack
from aws_cdk import aws_secretsmanager as secretsmanager
from constructs import Construct, IDependable

from ..constructs.names import cache_user_id
from .context import FunctionContext
from .function import FluxFunction
from .rotation import SecretRotation


class Rotations(Construct):
    """One rotation for each secret that has one. docs/runbooks/rotate-a-secret.md lists those that have none, and why.

    migrated: the first migration makes the functions' login, without which its rotation cannot be tried.

    Attributes:
        functions: all rotation functions.
        secrets: what they rotate.
    """

    def __init__(self, scope: Construct, construct_id: str, *, context: FunctionContext, migrated: IDependable) -> None:
        super().__init__(scope, construct_id)
        self._context = context
        data = context.data
        self.functions: tuple[FluxFunction, ...] = (
            self._database("DatabaseLogin", "rotate-database-login", data.database.functions, migrated),
            self._database("DatabaseOwner", "rotate-database-owner", data.database.owner, migrated),
            self._cache(),
            self._of_its_own("TokenKey", "token-key", data.secrets.token_keys),
            self._square(),
            *([] if data.secrets.probe is None else [self._of_its_own("Probe", "probe", data.secrets.probe)]),
        )
        self.secrets = [each.secret for each in self.node.children if isinstance(each, SecretRotation)]

    def _database(
        self, construct_id: str, name: str, secret: secretsmanager.ISecret, migrated: IDependable
    ) -> FluxFunction:
        """Return the rotation of a login that changes its own password."""
        function = SecretRotation(
            self,
            construct_id,
            context=self._context,
            name=name,
            secret=secret,
            strategy="database-login",
            settings="DatabaseRotationSettings",
            after=migrated,
        ).function
        function.use_database(secret)
        return function

    def _cache(self) -> FluxFunction:
        secret, user = self._context.data.cache.secret, cache_user_id(self._context.config)
        function = SecretRotation(
            self,
            "CacheLogin",
            context=self._context,
            name="rotate-cache-login",
            secret=secret,
            strategy="cache-login",
            settings="CacheRotationSettings",
        ).function
        function.use_cache()
        function.set_variables({"CACHE_USER": user})
        arn = Stack.of(self).format_arn(
            service="elasticache", resource="user", resource_name=user, arn_format=ArnFormat.COLON_RESOURCE_NAME
        )
        function.allow("elasticache:DescribeUsers", "elasticache:ModifyUser", on=[arn])
        return function

    def _of_its_own(self, construct_id: str, strategy: str, secret: secretsmanager.ISecret) -> FluxFunction:
        """Return the rotation of a secret that nobody but the functions knows."""
        return SecretRotation(
            self, construct_id, context=self._context, name=f"rotate-{strategy}", secret=secret, strategy=strategy
        ).function

    def _square(self) -> FluxFunction:
        secrets = self._context.data.secrets
        function = SecretRotation(
            self,
            "SquareWebhook",
            context=self._context,
            name="rotate-square-webhook",
            secret=secrets.square_webhook,
            strategy="square-webhook",
            settings="SquareRotationSettings",
        ).function
        function.set_variables({"SQUARE_API_URL": self._context.config.square_api_url})
        function.use_secret("SQUARE_ACCESS_SECRET", secrets.square_access)
        function.use_internet("Square, through NAT")
        return function
