"""The migrate function, which alone can reach the database as its owner, as an operator asks it."""

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING

from botocore.config import Config

from flux_infra.constructs.names import ALIAS

from .aws import Aws
from .errors import OpsError
from .stacks import DeployedStack

if TYPE_CHECKING:
    from mypy_boto3_lambda import LambdaClient

# The function's own limit is 900 s, most of it a snapshot; asked once, because a second request would act again.
_ASKED_ONCE = Config(read_timeout=910, retries={"total_max_attempts": 1})


class FunctionFailedError(OpsError):
    """The function raised. kind: its exception's name; reason: what that said."""

    def __init__(self, *, action: str, kind: str, reason: str, environment: str) -> None:
        super().__init__(f"database: {action} failed: {kind}: {reason}", remedy=f"read /flux/{environment}/migrate")
        self.kind = kind
        self.reason = reason


def ask_migrate(aws: Aws, compute: DeployedStack, request: Mapping[str, object]) -> object:
    """Ask, and wait for the answer; lambdas/migrate/requests.py has them.

    Raises:
        FunctionFailedError: the function raised.
    """
    client: LambdaClient = aws.session.client("lambda", endpoint_url=aws.url, config=_ASKED_ONCE)
    answer = client.invoke(
        FunctionName=compute.output("MigrateFunctionName"), Qualifier=ALIAS, Payload=json.dumps(request)
    )
    body: dict[str, object] = json.loads(answer["Payload"].read())
    if "FunctionError" in answer:
        raise FunctionFailedError(
            action=str(request["action"]),
            kind=str(body.get("errorType")),
            reason=str(body.get("errorMessage")),
            environment=aws.config.name,
        )
    return body
