"""The migrate function: a CloudFormation custom resource, and an operator's tool.

CloudFormation runs it when a deployment changes the migrations, before any alias moves. An operator may invoke it with
`{"action": "status"}` or `{"action": "upgrade"}`; both answer `{"current": ..., "head": ...}`.
"""

from dataclasses import asdict
from functools import cache

import boto3
from aws_lambda_powertools.utilities.typing import LambdaContext

from flux_core.aws import CLIENT_CONFIG
from flux_core.logs import logger
from flux_core.secrets import Secrets

from .custom_resource import Outcome, Request, answer
from .migration import Migration
from .settings import MigrateSettings


@cache
def migration() -> Migration:
    """The database that the environment speaks of, for the life of the instance."""
    secrets = Secrets(boto3.client("secretsmanager", config=CLIENT_CONFIG))
    return Migration(MigrateSettings.load(), secrets)


@logger.inject_lambda_context(clear_state=True)
def handler(event: dict[str, object], context: LambdaContext) -> dict[str, str | None]:  # noqa: ARG001 - Lambda's signature
    """Answer CloudFormation or an operator."""
    match event:
        case {"RequestType": _}:
            return _for_cloudformation(Request.model_validate(event))
        case {"action": "status"}:
            return asdict(migration().status())
        case {"action": "upgrade"}:
            return asdict(migration().upgrade())
    raise ValueError(f"unknown request {sorted(event)}; give {{'action': 'status'}} or {{'action': 'upgrade'}}")


def _for_cloudformation(request: Request) -> dict[str, str | None]:
    # Once CloudFormation has its answer, this invocation has succeeded: an error raised here would only make Lambda run
    # it again. Without an answer CloudFormation waits for its own timeout, so any failure must become one.
    try:
        outcome = _outcome(request)
    except Exception as error:  # noqa: BLE001 - whatever it is, CloudFormation must hear of it
        logger.exception("migration failed")
        outcome = Outcome(failure=f"{type(error).__name__}: {error}")
    answer(request, outcome)
    return asdict(outcome)


def _outcome(request: Request) -> Outcome:
    if request.request_type == "Delete":
        return Outcome()  # the schema goes with its database, not with the function that made it
    status = migration().upgrade()
    logger.info("database migrated", extra={"revision": status.current, "head": status.head})
    return Outcome(revision=status.current)
