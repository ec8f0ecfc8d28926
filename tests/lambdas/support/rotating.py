"""Secrets in the middle of a rotation: the platform's own Secrets Manager, whose steps the test does one by one."""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import uuid4

from rotation.protocol import Request, Rotation
from rotation.strategy import Strategy

if TYPE_CHECKING:
    from mypy_boto3_secretsmanager import SecretsManagerClient

STEPS = ("createSecret", "setSecret", "testSecret", "finishSecret")
# There is no such function, so Secrets Manager begins the rotation, and the test goes on with it.
NOBODY = "arn:aws:lambda:us-east-1:000000000000:function:nobody"


@dataclass(frozen=True, kw_only=True)
class RotatingSecret:
    """A secret whose rotation has begun: its version that is AWSPENDING is empty.

    waits: seconds that the steps have waited; they do not wait in tests.
    """

    client: "SecretsManagerClient"
    arn: str
    waits: list[float]

    @classmethod
    def create(cls, client: "SecretsManagerClient", content: Mapping[str, str]) -> "RotatingSecret":
        arn = client.create_secret(Name=f"rotating/{uuid4()}", SecretString=json.dumps(content))["ARN"]
        return cls(client=client, arn=arn, waits=[])

    def begin(self) -> str:
        """Begin a rotation; returns its token."""
        return self.client.rotate_secret(SecretId=self.arn, RotationLambdaARN=NOBODY)["VersionId"]

    def do(self, strategy: Strategy, token: str, *steps: str) -> None:
        rotation = Rotation(self.client, secret=self.arn, strategy=strategy, sleep=self.waits.append)
        for step in steps or STEPS:
            event = {"Step": step, "SecretId": self.arn, "ClientRequestToken": token}
            rotation.run(Request.model_validate(event))

    def rotate(self, strategy: Strategy) -> None:
        """A whole rotation, each of its steps delivered twice."""
        token = self.begin()
        for step in STEPS:
            self.do(strategy, token, step, step)

    def value(self, stage: str = "AWSCURRENT") -> dict[str, str]:
        found: dict[str, str] = json.loads(
            self.client.get_secret_value(SecretId=self.arn, VersionStage=stage)["SecretString"]
        )
        return found

    def stages(self) -> list[list[str]]:
        return sorted(self.client.describe_secret(SecretId=self.arn)["VersionIdsToStages"].values())

    @contextmanager
    def halfway(self, strategy: Strategy, *, until: str) -> Iterator[str]:
        """A rotation that has come as far as `until`, and goes on afterwards."""
        token = self.begin()
        done = STEPS.index(until) + 1
        self.do(strategy, token, *STEPS[:done])
        yield token
        self.do(strategy, token, *STEPS[done:])
