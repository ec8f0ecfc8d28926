"""Secrets Manager's GenerateSecretString with all its options, which ministack's CloudFormation mostly ignores."""
# ruff: noqa: SLF001 - ministack's private names; each is declared in EXPECTATIONS

import json
from collections.abc import Mapping

from ministack.services import secretsmanager
from ministack.services.cloudformation import provisioners

from .expectations import Expectation
from .values import Json, Properties

EXPECTATIONS = (
    Expectation(
        module="ministack.services.cloudformation.provisioners", symbol="_sm_secret_string", parameters=("props",)
    ),
    Expectation(module="ministack.services.secretsmanager", symbol="_get_random_password", parameters=("data",)),
)

_FLAGS = (
    "ExcludeLowercase",
    "ExcludeNumbers",
    "ExcludePunctuation",
    "ExcludeUppercase",
    "IncludeSpace",
)


def secret_string(values: Mapping[str, Json]) -> str:
    """The secret's first value: `SecretString`, or one generated as the template says.

    Raises:
        ValueError: the options contradict each other; with Secrets Manager's own message.
    """
    properties = Properties(values)
    if "GenerateSecretString" not in properties:
        return properties.text("SecretString", "")
    wanted = properties.child("GenerateSecretString")
    generated = _random_password(wanted)
    if "SecretStringTemplate" not in wanted:
        return generated
    template: dict[str, Json] = json.loads(wanted.text("SecretStringTemplate"))
    return json.dumps({**template, wanted.text("GenerateStringKey"): generated})


def _random_password(wanted: Properties) -> str:
    """Ask ministack's own GetRandomPassword, which heeds every option."""
    request: dict[str, Json] = {flag: wanted.flag(flag, default=False) for flag in _FLAGS}
    request["PasswordLength"] = wanted.number("PasswordLength", 32)
    request["ExcludeCharacters"] = wanted.text("ExcludeCharacters", "")
    request["RequireEachIncludedType"] = wanted.flag("RequireEachIncludedType", default=True)
    status, _, body = secretsmanager._get_random_password(request)
    answer = json.loads(body)
    if status != 200:
        raise ValueError(f"GenerateSecretString: {answer['message']}")
    password: str = answer["RandomPassword"]
    return password


def install() -> None:
    """Generate secrets here; ministack's create and update both ask this one function."""
    provisioners._sm_secret_string = secret_string
