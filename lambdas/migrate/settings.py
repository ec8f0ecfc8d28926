"""What the migrate function is told."""

from flux_core.settings import DatabaseSettings, Name


class MigrateSettings(DatabaseSettings):
    """The database; here `database_secret` is its owner's.

    functions_database_secret: name of the secret whose user name and password the functions' role gets.
    migrations_hash: the state of the migrations in this bundle, as CloudFormation's requests name it.
    snapshot_instance: the RDS instance to take a snapshot of before its schema changes; None where data are ephemeral.
    """

    functions_database_secret: Name
    migrations_hash: Name
    snapshot_instance: Name | None = None
