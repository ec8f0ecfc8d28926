"""A function's settings: its environment variables, typed and checked once."""

from typing import Annotated, Self

from pydantic import Field, StringConstraints, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict
from pydantic_settings.exceptions import SettingsError

Name = Annotated[str, StringConstraints(min_length=1)]
Port = Annotated[int, Field(ge=1, le=65_535)]


class ConfigurationError(RuntimeError):
    """The environment breaks a rule; the message names variable, value, rule and remedy."""


class Settings(BaseSettings):
    """What every function is told. Subclasses add their own; a field's variable is its name in capitals.

    flux_environment: the environment's name, like `prod`.
    """

    model_config = SettingsConfigDict(frozen=True, extra="ignore")

    flux_environment: Name

    @classmethod
    def load(cls) -> Self:
        """Read the environment.

        Raises:
            ConfigurationError: a variable is missing or breaks its rule.
        """
        remedy = "it is set by the function's construct in flux_infra/compute; deploy the compute stack again"
        try:
            return cls()
        except ValidationError as error:
            problems = [
                f"{str(problem['loc'][0]).upper()}: {problem['msg']}"
                + ("" if problem["type"] == "missing" else f", not {problem['input']!r}")
                for problem in error.errors(include_url=False)
            ]
            raise ConfigurationError(f"{'; '.join(problems)}; {remedy}") from error
        except SettingsError as error:  # a variable that should hold JSON does not
            raise ConfigurationError(f"{error}; {remedy}") from error


class DatabaseSettings(Settings):
    """Where PostgreSQL is. How to trust it (PGSSLMODE, PGSSLROOTCERT) is read by libpq itself.

    database_secret: name of the secret with the login.
    """

    database_host: Name
    database_port: Port
    database_name: Name
    database_secret: Name


class CacheSettings(Settings):
    """Where Valkey is.

    cache_secret: name of the secret with the login.
    """

    cache_host: Name
    cache_port: Port
    cache_secret: Name
