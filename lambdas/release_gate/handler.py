"""The release gate: CodeDeploy's hook before traffic moves to a new version of a function."""

from functools import cache

import boto3
from aws_lambda_powertools.utilities.typing import LambdaContext
from botocore.config import Config

from flux_core.aws import CLIENT_CONFIG
from flux_core.bounded_aws import bounded
from flux_core.logs import logger
from flux_core.secrets import Secrets

from .deployment import Deployments, HookEvent
from .gate import LIMIT_SECONDS, Gate
from .settings import GateSettings
from .signing import Signatures

# One try only: a second one would hide that the first was too slow or failed.
INVOKE_CONFIG = Config(connect_timeout=2, read_timeout=LIMIT_SECONDS + 5, retries={"total_max_attempts": 1})


@cache
def build_deployments() -> Deployments:
    """CodeDeploy, for the life of the instance."""
    return Deployments(bounded(boto3.client("codedeploy", config=CLIENT_CONFIG)))


@cache
def build_gate() -> Gate:
    """The gate that the environment describes, for the life of the instance."""
    settings = GateSettings.load()
    signatures = Signatures(
        Secrets(bounded(boto3.client("secretsmanager", config=CLIENT_CONFIG))),
        token_keys=settings.token_keys_secret,
        subscription=settings.square_webhook_secret,
        origin=settings.origin_secret,
    )
    return Gate(bounded(boto3.client("lambda", config=INVOKE_CONFIG)), settings=settings, signatures=signatures)


@logger.inject_lambda_context(clear_state=True)
def handler(event: dict[str, object], context: LambdaContext) -> dict[str, str]:  # noqa: ARG001 - Lambda's signature
    """Check the deployment's versions and answer CodeDeploy; a gate that errs is a gate that stays shut."""
    hook = HookEvent.model_validate(event)
    try:
        for release in build_deployments().releases(hook.deployment_id):
            build_gate().judge(release)
    except Exception as error:  # noqa: BLE001 - without an answer CodeDeploy would wait for an hour
        logger.exception("release refused", extra={"deployment_id": hook.deployment_id})
        build_deployments().answer(hook, succeeded=False)
        return {"status": "Failed", "reason": f"{type(error).__name__}: {error}"}
    logger.info("release accepted", extra={"deployment_id": hook.deployment_id})
    build_deployments().answer(hook, succeeded=True)
    return {"status": "Succeeded"}
