"""The migrate function: a CloudFormation custom resource, and an operator's tool.

CloudFormation runs it when a deployment changes the migrations, before any alias moves. An operator may invoke it with
`{"action": "status"}`, `{"action": "upgrade"}`, `{"action": "downgrade", "to": <revision>}` or
`{"action": "open-restaurant", ...}`, or "password-link", and a restore drill with "adopt" and "inspect"; requests.py,
restaurants.py and password_links.py have the answers, errors.py the refusals.
"""

from dataclasses import asdict
from functools import cache
from typing import TYPE_CHECKING

import boto3
from aws_lambda_powertools.utilities.typing import LambdaContext
from botocore.config import Config

from flux_core.aws import CLIENT_CONFIG
from flux_core.bounded_aws import bounded
from flux_core.logs import logger
from flux_core.secrets import Secrets

from .custom_resource import Outcome, Request, answer
from .drill import Drill
from .migration import Migration
from .password_links import PasswordLinkRequest
from .requests import (
    REQUEST,
    AdoptRequest,
    DowngradeRequest,
    InspectRequest,
    OperatorRequest,
    StatusRequest,
    UpgradeRequest,
)
from .restaurants import OpenRestaurantRequest
from .settings import MigrateSettings

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

# Nobody waits for a drill or a snapshot but who began it, and RDS takes longer for them than for a look at an instance.
_PATIENT = Config(read_timeout=30)


@cache
def migration() -> Migration:
    """The database that the environment speaks of, for the life of the instance."""
    secrets = Secrets(bounded(boto3.client("secretsmanager", config=CLIENT_CONFIG)))
    return Migration(
        MigrateSettings.load(), secrets, bounded(boto3.client("rds", config=CLIENT_CONFIG.merge(_PATIENT)))
    )


@cache
def drill() -> Drill:
    """The same database and those restored beside it, for the life of the instance."""
    secrets = Secrets(bounded(boto3.client("secretsmanager", config=CLIENT_CONFIG)))
    return Drill(MigrateSettings.load(), secrets, bounded(boto3.client("rds", config=CLIENT_CONFIG.merge(_PATIENT))))


@logger.inject_lambda_context(clear_state=True)
def handler(event: dict[str, object], context: LambdaContext) -> dict[str, object]:
    """Answer CloudFormation or an operator.

    Raises:
        pydantic.ValidationError: the request is neither's.
        RefusedError, SnapshotError, FailedError: an operator's request; the schema is where it was.
    """
    if "RequestType" in event:
        return _for_cloudformation(Request.model_validate(event))
    return asdict(_for_operator(REQUEST.validate_python(event), request_id=context.aws_request_id))


def _for_operator(request: OperatorRequest, *, request_id: str) -> "DataclassInstance":  # noqa: PLR0911 - one answer for each
    match request:
        case StatusRequest():
            return migration().status()
        case UpgradeRequest(to=to):
            return migration().upgrade(to, request_id=request_id)
        case DowngradeRequest(to=to):
            return migration().downgrade(to, request_id=request_id)
        case OpenRestaurantRequest():
            return migration().open_restaurant(request)
        case PasswordLinkRequest():
            return migration().make_password_link(request)
        case AdoptRequest(instance=instance):
            return drill().adopt(instance)
        case InspectRequest():
            return drill().inspect(request)


def _for_cloudformation(request: Request) -> dict[str, object]:
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
    if request.properties.migrations != migration().migrations_hash:
        # CloudFormation takes a failed deployment back: it names the state before, while this code is still the
        # new one. Running the migrations now would fail as they just did, or move what has been put back.
        logger.warning("asked for other migrations than this bundle's; nothing to do")
        return Outcome(revision=migration().status().current)
    moved = migration().upgrade(request_id=request.request_id)
    logger.info("database migrated", extra=asdict(moved))
    return Outcome(revision=moved.current)
