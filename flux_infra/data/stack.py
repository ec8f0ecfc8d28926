"""Data layer: everything that must outlive a deployment."""

from aws_cdk import CfnOutput, Stack
from aws_cdk import aws_ec2 as ec2
from constructs import Construct

from ..config import Backups, FluxConfig
from ..constructs.key import build_key
from ..constructs.library_functions import keep_logs_of
from .assets import AssetsBucket
from .backups import DatabaseBackups
from .cache import FluxCache
from .database import FluxDatabase
from .restored import RestoredDatabase
from .secrets import FluxSecrets


class DataStack(Stack):
    """PostgreSQL, Valkey, files, secrets, and the keys that encrypt them.

    Attributes:
        key: encrypts everything in this layer at rest.
        token_key: encrypts the POS providers' OAuth tokens inside the database; only the sync worker may use it.
        database, cache, assets, secrets: what it holds.
        backups: of the database; None where configuration has none.
        restored: where a restore drill puts the database that it restores; None without backups.
    """

    backups: DatabaseBackups | None = None
    restored: RestoredDatabase | None = None

    def __init__(self, scope: Construct, *, config: FluxConfig, vpc: ec2.IVpc) -> None:
        super().__init__(
            scope, "Data", description=f"Flux {config.name}: data", termination_protection=not config.ephemeral
        )
        self.key = build_key(self, "Key", config=config, description="data at rest")
        self.token_key = build_key(self, "TokenKey", config=config, description="OAuth tokens of POS connections")
        self.secrets = FluxSecrets(self, "Secrets", config=config, key=self.key)
        self.database = FluxDatabase(self, "Database", config=config, vpc=vpc, key=self.key)
        self.cache = FluxCache(self, "Cache", config=config, vpc=vpc, key=self.key)
        self.assets = AssetsBucket(self, "Assets", config=config, key=self.key).bucket
        if isinstance(config.backups, Backups):
            self.backups = DatabaseBackups(
                self, "Backups", config=config, settings=config.backups, instance=self.database.instance, key=self.key
            )
            self.restored = RestoredDatabase(self, "Restored", vpc=vpc)
            self._outputs_for_drills(self.backups, self.restored)
        if config.ephemeral:
            keep_logs_of("Custom::S3AutoDeleteObjects", stack=self, config=config, key=self.key)
        self._outputs()
        if self.secrets.probe is not None:
            CfnOutput(self, "ProbeSecretName", value=self.secrets.probe.secret_arn)

    def _outputs(self) -> None:
        """For operators and tests: where things are, never what the secrets say."""
        for name, value in {
            "DatabaseHost": self.database.instance.db_instance_endpoint_address,
            "DatabasePort": self.database.instance.db_instance_endpoint_port,
            "DatabaseSecretName": self.database.functions.secret_arn,
            "OwnerSecretName": self.database.owner.secret_arn,
            "OriginSecretName": self.secrets.origin.secret_arn,
            "SquareWebhookSecretName": self.secrets.square_webhook.secret_arn,
            "SquareAccessSecretName": self.secrets.square_access.secret_arn,
            "TokenKeysSecretName": self.secrets.token_keys.secret_arn,
            "CacheSecretName": self.cache.secret.secret_arn,
            "SquareApplicationSecretName": self.secrets.square_application.secret_arn,
            "PosTokenKeyArn": self.token_key.key_arn,
        }.items():
            CfnOutput(self, name, value=value)

    def _outputs_for_drills(self, backups: DatabaseBackups, restored: RestoredDatabase) -> None:
        for name, value in {
            "BackupVaultName": backups.vault.backup_vault_name,
            "BackupRoleArn": backups.role.role_arn,
            "RestoredSecurityGroupId": restored.group.security_group_id,
        }.items():
            CfnOutput(self, name, value=value)
