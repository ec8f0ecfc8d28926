"""Secrets by name from Secrets Manager, kept for the life of the instance."""

import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated

from botocore.exceptions import BotoCoreError, ClientError
from pydantic import BaseModel, ConfigDict, StringConstraints, ValidationError

if TYPE_CHECKING:
    from mypy_boto3_secretsmanager import SecretsManagerClient

# A caller that suspects a rotation may ask again this often; otherwise each forged request would cost a call to AWS.
REFRESH_SECONDS = 60.0

SecretText = Annotated[str, StringConstraints(min_length=1)]


class SecretError(RuntimeError):
    """A secret cannot be read, or does not hold what it should."""


class Secret(BaseModel):
    """The shape of a secret's JSON. Extra fields are ignored: RDS adds its own. Never shown by repr."""

    model_config = ConfigDict(frozen=True, hide_input_in_errors=True)

    def __repr__(self) -> str:
        return f"{type(self).__name__}(***)"

    __str__ = __repr__


class Login(Secret):
    """A user name and its password."""

    username: SecretText
    password: SecretText


class Secrets:
    """Reads secrets, and reads them again when a caller finds that one no longer works."""

    def __init__(self, client: "SecretsManagerClient", *, clock: Callable[[], float] = time.monotonic) -> None:
        self._client = client
        self._clock = clock
        self._kept: dict[str, tuple[float, str]] = {}

    def read[Shape: Secret](self, name: str, shape: type[Shape]) -> Shape:
        """The secret as this instance knows it.

        Raises:
            SecretError: Secrets Manager does not give it, or it does not have that shape.
        """
        if name not in self._kept:
            self._fetch(name)
        return self._parse(name, shape)

    def refresh[Shape: Secret](self, name: str, shape: type[Shape]) -> Shape:
        """The secret as it is now, but at the most once a minute; in between, what the instance knows.

        Raises:
            SecretError: as for `read`.
        """
        known = self._kept.get(name)
        if known is None or self._clock() - known[0] >= REFRESH_SECONDS:
            self._fetch(name)
        return self._parse(name, shape)

    def _fetch(self, name: str) -> None:
        try:
            content = self._client.get_secret_value(SecretId=name)["SecretString"]
        except (BotoCoreError, ClientError, KeyError) as error:
            raise SecretError(f"secret {name} cannot be read: {error}") from error
        self._kept[name] = (self._clock(), content)

    def _parse[Shape: Secret](self, name: str, shape: type[Shape]) -> Shape:
        try:
            return shape.model_validate_json(self._kept[name][1])
        except ValidationError as error:
            self._kept.pop(name)  # an operator is about to fill it in
            fields = ", ".join(".".join(map(str, problem["loc"])) or "JSON" for problem in error.errors())
            raise SecretError(f"secret {name} lacks a usable {fields}; an operator must fill it in") from None
