"""An account that answers what a test says.

Requests and answers are checked by botocore's Stubber against AWS's own models of its services, so what AWS does not
have can be neither asked nor read.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager

import boto3
from botocore.client import BaseClient
from botocore.stub import Stubber

from flux_infra.config import FluxConfig
from ops.aws import Aws
from ops.doctor.account import Account
from ops.doctor.check import Answer, Check
from ops.doctor.examination import ask
from ops.stacks import DeployedStack

type Reply = Mapping[str, object]
type Call = tuple[str, Reply]


class Refusal(str):
    """An error code instead of an answer."""

    __slots__ = ()


# One for all tests: it keeps the models that it has read.
SESSION = boto3.Session(
    aws_access_key_id="tests",
    aws_secret_access_key="tests",  # noqa: S106 - nothing is sent
    region_name="us-east-1",
)


def account_of(config: FluxConfig, *deployed: DeployedStack) -> Account:
    account = Account(Aws(config=config, session=SESSION, url=None, operator="arn"))
    account.__dict__["deployed"] = {stack.name.rsplit("-", 1)[-1]: stack for stack in deployed}
    return account


def stack(
    layer: str, kinds: Mapping[str, str] | None = None, outputs: Mapping[str, str] | None = None
) -> DeployedStack:
    """kinds: CloudFormation type by physical id."""
    return DeployedStack(
        name=f"Flux-prod-{layer}",
        status="CREATE_COMPLETE",
        outputs=outputs or {},
        resources={name: name for name in kinds or {}},
        types=dict(kinds or {}),
    )


@contextmanager
def answering(client: BaseClient, *calls: tuple[str, Reply | Refusal]) -> Iterator[None]:
    """The client gets these answers, in this order, to these requests and no others."""
    with Stubber(client) as stubber:
        for operation, reply in calls:
            if isinstance(reply, Refusal):
                stubber.add_client_error(operation, service_error_code=str(reply))
            else:
                stubber.add_response(operation, dict(reply))
        yield
        stubber.assert_no_pending_responses()


def found(account: Account, checks: Callable[[Account], Iterable[Check]], what: str) -> Answer:
    (check,) = [check for check in checks(account) if check.what == what]
    return ask(account, check)
