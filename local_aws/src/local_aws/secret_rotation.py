"""Secrets Manager's rotation: RotateSecret runs the four steps by the real function, and schedules are resources.

ministack gives the same value a new version, calls nothing and answers an empty version with no value. Not imitated:
the schedule's clock (rotations start when asked for), and the attempts that AWS makes at a step that fails (one here;
asking again goes on with the same version, as on AWS).
"""
# ruff: noqa: SLF001 - ministack's private names; each is listed in ministack.txt

import contextvars
import json
import logging
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Mapping
from typing import cast, override

from ministack.core.responses import error_response_json, json_response, new_uuid
from ministack.services import lambda_svc, secretsmanager

from .resources import Request, Resource, ResourceType, register
from .values import Json, Properties

type Answer = tuple[int, dict[str, str], bytes]
type Record = dict[str, object]

STEPS = ("createSecret", "setSecret", "testSecret", "finishSecret")
_PENDING, _CURRENT = "AWSPENDING", "AWSCURRENT"

logger = logging.getLogger(__name__)
_one_at_a_time: defaultdict[str, threading.Lock] = defaultdict(threading.Lock)
"""By secret: a rotation that is asked for while the last one still cleans up waits for it."""


class StepError(Exception):
    """The rotation function has failed; the message has its answer."""


def _versions(secret: Record) -> dict[str, dict[str, object]]:
    return cast("dict[str, dict[str, object]]", secret["Versions"])


def _labels(version: Mapping[str, object]) -> list[str]:
    return cast("list[str]", version["Stages"])


def _pending(secret: Record) -> str | None:
    """The version of a rotation that has not come to its end."""
    for name, version in _versions(secret).items():
        if _PENDING in _labels(version) and _CURRENT not in _labels(version):
            return name
    return None


def _begin(secret: Record, token: str, content: object = None) -> None:
    """Add the version that the rotation will fill; empty, as on AWS."""
    _versions(secret)[token] = {
        "SecretString": content,
        "SecretBinary": None,
        "CreatedDate": int(time.time()),
        "Stages": [_PENDING],
    }


def _step(secret: Record, step: str, token: str) -> None:
    """Have the function do one step, and wait for it.

    Raises:
        StepError: there is no such function, or it has failed.
    """
    arn = str(secret.get("RotationLambdaARN"))
    function, configuration, _ = lambda_svc._get_func_record_for_ref(arn)
    if function is None or configuration is None:
        raise StepError(f"there is no function {arn}")
    record = lambda_svc._execution_record_for_config(function, configuration)
    event = {"Step": step, "SecretId": secret["ARN"], "ClientRequestToken": token}
    answered = lambda_svc._execute_function(record, event)
    if answered.get("error"):
        raise StepError(f"{step} of {secret['Name']} has failed: {answered.get('body')}")


def _rotate(secret: Record, token: str) -> None:
    """Do all four steps; a failure leaves AWSPENDING where it is."""
    with _one_at_a_time[str(secret["ARN"])]:
        if _pending(secret) != token:
            return
        try:
            for step in STEPS:
                _step(secret, step, token)
        except StepError as error:
            logger.warning("rotation ends: %s", error)


def _start(secret: Record, token: str) -> None:
    """Rotate in a thread that speaks for the caller's account; the function calls the emulator itself."""
    context = contextvars.copy_context()
    threading.Thread(target=context.run, args=(_rotate, secret, token), name="rotation", daemon=True).start()


def _test(secret: Record) -> None:
    """Run testSecret on a copy of the current value, which is how AWS tries a rotation that is not to begin at once.

    Raises:
        StepError: it fails.
    """
    token = str(new_uuid())
    (content,) = (v["SecretString"] for v in _versions(secret).values() if _CURRENT in _labels(v))
    _begin(secret, token, content)
    try:
        _step(secret, "testSecret", token)
    finally:
        del _versions(secret)[token]


def _install_rotate() -> None:
    refuse: Callable[..., Answer] = error_response_json

    def rotate(data: Mapping[str, Json]) -> Answer:
        request = Properties(data)
        _, secret = secretsmanager._resolve(request.text("SecretId"))
        if secret is None:
            return refuse("ResourceNotFoundException", "Secrets Manager can't find the specified secret.", 400)
        if "RotationLambdaARN" in request:
            secret["RotationLambdaARN"] = request.text("RotationLambdaARN")
        if not secret.get("RotationLambdaARN"):
            return refuse("InvalidRequestException", "No Lambda rotation function ARN is associated.", 400)
        if "RotationRules" in request:
            secret["RotationRules"] = dict(request.child("RotationRules").values)
        secret["RotationEnabled"] = True
        unfinished = _pending(secret)
        if unfinished is not None:
            _start(secret, unfinished)
            message = "A previous rotation isn't complete. That rotation will be reattempted."
            return refuse("InvalidRequestException", message, 400)
        token = request.text("ClientRequestToken", "") or str(new_uuid())
        _begin(secret, token)
        _start(secret, token)
        answer: Answer = json_response({"ARN": secret["ARN"], "Name": secret["Name"], "VersionId": token})
        return answer

    secretsmanager._rotate_secret = rotate


def _install_empty_versions() -> None:
    """A version without a value is not found, nor is one that does not carry the label that is asked for, too."""
    get: Callable[[Mapping[str, Json]], Answer] = secretsmanager._get_secret_value

    def get_value(data: Mapping[str, Json]) -> Answer:
        status, headers, body = get(data)
        if status == 200:
            found, stage = json.loads(body), data.get("VersionStage")
            if not {"SecretString", "SecretBinary"} & found.keys() or (stage and stage not in found["VersionStages"]):
                message = "Secrets Manager can't find the specified secret value."
                refusal: Answer = error_response_json("ResourceNotFoundException", message, 400)
                return refusal
        return status, headers, body

    secretsmanager._get_secret_value = get_value


class RotationSchedule(ResourceType):
    """`AWS::SecretsManager::RotationSchedule` of a rotation function of one's own."""

    name = "AWS::SecretsManager::RotationSchedule"
    slow = True  # it runs the function

    @override
    def create(self, request: Request) -> Resource:
        properties = request.properties
        _, secret = secretsmanager._resolve(properties.text("SecretId"), use_arn_scope=True)
        if secret is None:
            raise ValueError(f"SecretId={properties.text('SecretId')!r}: there is no such secret")
        secret["RotationEnabled"] = True
        secret["RotationLambdaARN"] = properties.text("RotationLambdaARN")
        secret["RotationRules"] = dict(properties.child("RotationRules").values)
        if properties.flag("RotateImmediatelyOnUpdate", default=True):
            token = str(new_uuid())
            _begin(secret, token)
            _start(secret, token)
        else:
            _test(secret)
        return Resource(physical_id=str(secret["ARN"]))

    @override
    def delete(self, physical_id: str, properties: Properties) -> None:
        _, secret = secretsmanager._resolve(physical_id, use_arn_scope=True)
        if secret is not None:
            secret["RotationEnabled"] = False


def install() -> None:
    """Rotate by the functions."""
    _install_rotate()
    _install_empty_versions()
    register(RotationSchedule())
