"""The functions that CloudFormation and Secrets Manager invoke: migrate and the rotations. Both invoke again."""

import json
import secrets
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from typing import override

import boto3
import psycopg
import pytest
from psycopg import sql

from flux_core.cache import build_client
from flux_core.secrets import Login
from flux_core.settings import CacheSettings
from flux_infra.environments import LOCAL
from migrate import handler as migrate
from rotation import handler as rotation

from ..support.http import Reply, Request, serving
from ..support.platform import CACHE_USER, SUBSCRIPTION, Platform
from ..support.rotating import STEPS, RotatingSecret
from .cells import Dependency
from .functions import Account, Function
from .invoking import Answer, invoke

_NAMED = ("RotationError", "SecretError", "HTTPClientError", "ReadTimeoutError")


class Migrate(Function):
    """CloudFormation asks for a database at the newest revision, which it is; it waits for an answer in any case."""

    timeout = LOCAL.functions.migrate.timeout_seconds

    def __init__(self, stack: ExitStack) -> None:
        self._heard: list[str] = []
        self._url = stack.enter_context(serving(self._hear))
        stack.enter_context(pytest.MonkeyPatch.context()).setenv("DATABASE_SECRET", "database/owner")

    @override
    def renew(self) -> None:
        migrate.migration.cache_clear()

    @override
    def ask(self) -> Answer:
        event: dict[str, object] = {
            "RequestType": "Update",
            "ResponseURL": self._url,
            "StackId": "stack",
            "RequestId": secrets.token_hex(4),
            "LogicalResourceId": "Migrations",
            "ResourceProperties": {"Migrations": "hash"},
        }

        def read(_: dict[str, object]) -> tuple[str, bool]:
            status = self._heard.pop()
            return f"tells CloudFormation {status}", status == "SUCCESS"

        return invoke(lambda context: migrate.handler(event, context), timeout=self.timeout, read=read)

    @override
    def is_right(self, answer: Answer) -> bool:
        return answer.served or answer.text == "tells CloudFormation FAILED"

    def _hear(self, request: Request) -> Reply:
        self._heard.append(json.loads(request.body)["Status"])
        return Reply()


class Rotation(Function):
    """Secrets Manager asks for a step, and for the same one again until it is done; the old value works meanwhile."""

    timeout = LOCAL.functions.rotation.timeout_seconds

    def __init__(self, platform: Platform, dependency: Dependency, *, stack: ExitStack) -> None:
        self._platform = platform
        patch = stack.enter_context(pytest.MonkeyPatch.context())
        # What is waited for here is others' caches, which these tests have not.
        patch.setattr("rotation.protocol.SETTLE_SECONDS", 0)
        patch.setattr("rotation.square_webhook.SETTLE_SECONDS", 0)
        if dependency == "Valkey":
            stack.callback(_let_in, CACHE_USER["password"])
        kind, content, self._works = self._secret(dependency, patch)
        self._secret_in_rotation = RotatingSecret.create(platform.secrets, content)
        self._token = self._secret_in_rotation.begin()
        self._steps = list(STEPS)
        patch.setenv("ROTATED_SECRET", self._secret_in_rotation.arn)
        patch.setenv("ROTATION_STRATEGY", kind)
        stack.callback(rotation.rotation.cache_clear)

    @override
    def renew(self) -> None:
        rotation.rotation.cache_clear()

    @override
    def ask(self) -> Answer:
        """All steps that are left, as far as it goes."""

        def rotate(context: object) -> None:
            while self._steps:
                event = {
                    "Step": self._steps[0],
                    "SecretId": self._secret_in_rotation.arn,
                    "ClientRequestToken": self._token,
                }
                rotation.handler(event, context)  # type: ignore[arg-type]  # the context that `invoke` makes
                self._steps.pop(0)
            self._token = self._secret_in_rotation.begin()
            self._steps = list(STEPS)

        return invoke(rotate, timeout=self.timeout, read=lambda _: ("done", True))

    @override
    def is_right(self, answer: Answer) -> bool:
        """It names what is wrong, or the AWS SDK does."""
        return answer.served or answer.text.removeprefix("raises ") in _NAMED

    @override
    def account(self) -> Account:
        """Lost would be a secret whose current value opens nothing."""
        return Account(due=["current value"], done=["current value"] if self._works() else [])

    def _secret(
        self, dependency: Dependency, patch: pytest.MonkeyPatch
    ) -> tuple[str, Mapping[str, str], Callable[[], bool]]:
        match dependency:
            case "Valkey":
                patch.setenv("CACHE_USER", "functions")
                return "cache-login", CACHE_USER, self._cache_opens
            case "Square":
                access = {"access_token": "of the application", "subscription_id": f"wbhk_{secrets.token_hex(4)}"}
                name = f"square/access/{secrets.token_hex(4)}"
                self._platform.secrets.create_secret(Name=name, SecretString=json.dumps(access))
                patch.setenv("SQUARE_ACCESS_SECRET", name)
                self._platform.square.subscriptions.put(
                    access["subscription_id"],
                    {"access_token": access["access_token"], **SUBSCRIPTION},
                )
                return "square-webhook", SUBSCRIPTION, lambda: True
            case _:
                login = {"username": f"role_{secrets.token_hex(4)}", "password": secrets.token_hex(20)}
                with self._platform.connect_as_owner() as connection:
                    connection.execute(
                        sql.SQL("CREATE ROLE {} LOGIN PASSWORD {}").format(
                            sql.Identifier(login["username"]), sql.Literal(login["password"])
                        )
                    )
                return "database-login", login, self._database_opens

    def _database_opens(self) -> bool:
        login = self._secret_in_rotation.value()
        psycopg.connect(
            host="127.0.0.1",
            port=self._platform.database_port,
            dbname="flux",
            user=login["username"],
            password=login["password"],
        ).close()
        return True

    def _cache_opens(self) -> bool:
        login = Login.model_validate(self._secret_in_rotation.value())
        with build_client(CacheSettings.load(), login, retries=0) as client:
            return bool(client.ping())


def _let_in(password: str) -> None:
    """The other tests' login."""
    boto3.client("elasticache").modify_user(UserId="functions", Passwords=[password])
