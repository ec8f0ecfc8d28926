"""The four steps in which Secrets Manager rotates a secret, and the checks before each.

Source: Secrets Manager User Guide, "Lambda rotation functions" and "Rotation function".
"""

import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from flux_core.logs import logger
from flux_core.secrets import CURRENT, PENDING, PREVIOUS, REFRESH_SECONDS

from .strategy import RotationError, Strategy, Value, Values

if TYPE_CHECKING:
    from mypy_boto3_secretsmanager import SecretsManagerClient

# An instance that meets a value it does not know asks Secrets Manager again, but no more often than REFRESH_SECONDS.
# A value that is published this long before anybody uses it is therefore never refused: whoever asked before it was
# published may ask again by now. See docs/decisions/0027.
SETTLE_SECONDS = REFRESH_SECONDS + 1


class Request(BaseModel):
    """What Secrets Manager sends, once per step."""

    model_config = ConfigDict(frozen=True, hide_input_in_errors=True)

    step: Annotated[Literal["createSecret", "setSecret", "testSecret", "finishSecret"], Field(alias="Step")]
    secret: Annotated[str, Field(alias="SecretId")]
    token: Annotated[str, StringConstraints(min_length=1), Field(alias="ClientRequestToken")]


class Rotation:
    """Rotates one secret by its strategy.

    secret: name or ARN of the only secret that this function rotates.
    """

    def __init__(
        self,
        client: "SecretsManagerClient",
        *,
        secret: str,
        strategy: Strategy,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._client = client
        self._secret = secret
        self._strategy = strategy
        self._sleep = sleep

    def run(self, request: Request) -> None:
        """Do one step. A step that was done already changes nothing.

        Raises:
            RotationError: the step is not this function's to do, or the strategy cannot do it.
        """
        stages = self._stages(request)
        if CURRENT in stages:
            if request.step == "finishSecret":
                self._clean_up(request, stages)
            return
        if PENDING not in stages:
            raise RotationError(
                f"version {request.token} of {self._secret} is {sorted(stages)}, not {PENDING}. Nothing was changed; "
                "start a rotation with 'aws secretsmanager rotate-secret'"
            )
        match request.step:
            case "createSecret":
                self._create(request)
            case "setSecret":
                values = self._values(request)
                self._settle()
                self._strategy.put_into_force(values)
            case "testSecret":
                self._strategy.test(self._values(request).pending)
            case "finishSecret":
                self._finish(request)
        logger.info("step done", extra={"step": request.step, "version": request.token})

    def _stages(self, request: Request) -> set[str]:
        """The labels of the request's version."""
        described = self._client.describe_secret(SecretId=self._secret)
        if request.secret != described["ARN"]:
            raise RotationError(f"asked to rotate {request.secret}; this function rotates {described['ARN']} alone")
        # Absent is not False: while a schedule is made, Secrets Manager tests the function, perhaps before it says so.
        if described.get("RotationEnabled") is False:
            raise RotationError(f"{self._secret} has no rotation enabled; deploy the compute stack, which enables it")
        stages = described.get("VersionIdsToStages", {})
        if request.token not in stages:
            raise RotationError(f"{self._secret} has no version {request.token}; start a new rotation")
        return set(stages[request.token])

    def _create(self, request: Request) -> None:
        if self._find(stage=PENDING, version=request.token) is not None:
            return
        current = self._need(CURRENT)
        content = self._strategy.create(current.content, token=request.token)
        self._client.put_secret_value(
            SecretId=self._secret, ClientRequestToken=request.token, SecretString=content, VersionStages=[PENDING]
        )

    def _finish(self, request: Request) -> None:
        self._values(request)  # an empty version must never become current
        current = self._client.get_secret_value(SecretId=self._secret, VersionStage=CURRENT)["VersionId"]
        # Moves AWSPREVIOUS, too: to the version that has been current until now.
        self._client.update_secret_version_stage(
            SecretId=self._secret, VersionStage=CURRENT, MoveToVersionId=request.token, RemoveFromVersionId=current
        )
        self._clean_up(request, self._stages(request))

    def _clean_up(self, request: Request, stages: set[str]) -> None:
        if PENDING in stages:
            self._client.update_secret_version_stage(
                SecretId=self._secret, VersionStage=PENDING, RemoveFromVersionId=request.token
            )
        if self._strategy.retires:
            self._settle()
            self._strategy.retire(self._need(CURRENT))

    def _settle(self) -> None:
        """Let every instance that has just asked for the secret's versions be allowed to ask again."""
        self._sleep(SETTLE_SECONDS)

    def _values(self, request: Request) -> Values:
        pending = self._find(stage=PENDING, version=request.token)
        if pending is None:
            raise RotationError(f"version {request.token} of {self._secret} is empty: createSecret has not succeeded")
        return Values(pending=pending, current=self._need(CURRENT), previous=self._find(stage=PREVIOUS))

    def _need(self, stage: str) -> Value:
        found = self._find(stage=stage)
        if found is None:
            raise RotationError(f"{self._secret} has no {stage} value; put one in with 'put-secret-value'")
        return found

    def _find(self, *, stage: str, version: str | None = None) -> Value | None:
        try:
            if version is None:
                found = self._client.get_secret_value(SecretId=self._secret, VersionStage=stage)
            else:
                found = self._client.get_secret_value(SecretId=self._secret, VersionStage=stage, VersionId=version)
        except self._client.exceptions.ResourceNotFoundException:
            return None
        return Value(content=found["SecretString"], created=found["CreatedDate"])
