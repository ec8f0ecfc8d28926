"""Secrets of templates: GenerateSecretString with all its options, and the ARN as what `Ref` answers.

ministack's CloudFormation ignores most of the options, and answers the name.
"""
# ruff: noqa: SLF001 - ministack's private names; each is listed in ministack.txt

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import override

from ministack.services import secretsmanager
from ministack.services.cloudformation import provisioners

from .resources import Request, Resource, Stock, register
from .values import Json, Properties

_FLAGS = ("ExcludeLowercase", "ExcludeNumbers", "ExcludePunctuation", "ExcludeUppercase", "IncludeSpace")


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


class Secret(Stock):
    """A secret whose `Ref` is its ARN, as on AWS; ministack's own functions know it by its name."""

    name = "AWS::SecretsManager::Secret"

    @override
    def complete(self, made: Resource, request: Request) -> Resource:
        return replace(made, physical_id=str(made.attributes["Arn"]))

    @override
    def update(self, physical_id: str, old: Properties, request: Request) -> Resource:
        return super().update(_name(physical_id), old, request)

    @override
    def delete(self, physical_id: str, properties: Properties) -> None:
        super().delete(_name(physical_id), properties)


def _name(arn: str) -> str:
    """The name under which ministack keeps a secret; one that is gone has none."""
    key, _ = secretsmanager._resolve(arn, use_arn_scope=True)
    return str(key or arn)


def install() -> None:
    """Generate secrets here; ministack's create and update both ask this one function."""
    provisioners._sm_secret_string = secret_string
    register(Secret())
