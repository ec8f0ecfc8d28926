"""What the migrate function is told."""

from flux_core.settings import DatabaseSettings, Name


class MigrateSettings(DatabaseSettings):
    """The database; here `database_secret` is its owner's.

    functions_database_secret: name of the secret whose user name and password the functions' role gets.
    """

    functions_database_secret: Name
