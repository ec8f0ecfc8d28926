"""The database's schema, seen and rolled back through the migrate function, which alone can reach the database."""

import json
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from botocore.config import Config
from botocore.exceptions import ClientError
from pydantic import BaseModel, ConfigDict, ValidationError

from flux_infra.constructs.names import ALIAS

from . import record
from .aws import Aws
from .commits import origin_of_revision
from .errors import OpsError
from .plan import Change, Rollback
from .stacks import DeployedStack

if TYPE_CHECKING:
    from mypy_boto3_lambda import LambdaClient

# The function's own limit is 900 s, most of it a snapshot; asked once, because a second request would act again.
_ASKED_ONCE = Config(read_timeout=910, retries={"total_max_attempts": 1})


# The exceptions of a database that cannot be reached; what a driver says of it names its own pages and addresses.
_UNREACHABLE = ("OperationalError", "ConnectionTimeout", "InterfaceError")


class FunctionFailedError(OpsError):
    """The function raised. kind: its exception's name; reason: what that said."""

    def __init__(self, *, action: str, kind: str, reason: str, environment: str) -> None:
        why = f"{action} failed: {kind}: {_first_line(reason)}"
        remedy = f"read the log /flux/{environment}/migrate"
        if kind in _UNREACHABLE:
            why = f"it does not answer the migrate function ({action})"
            remedy = (
                f"look at the instance in RDS (./flux status --env {environment} --outputs names it), then {remedy}"
            )
        super().__init__(f"database: {why}", remedy=remedy)
        self.kind = kind
        self.reason = reason


class NotAllowedError(OpsError):
    """The credentials at hand may see the environment and not ask the migrate function, which could change it."""


def _first_line(reason: str) -> str:
    """What was said, without the advertisement for a library's pages that some append."""
    return (
        next(iter(reason.strip().splitlines()), "no reason given").partition("(Background on this error at")[0].strip()
    )


def ask_migrate(aws: Aws, compute: DeployedStack, request: Mapping[str, object]) -> object:
    """Ask, and wait for the answer; lambdas/migrate/requests.py has them.

    Raises:
        FunctionFailedError: the function raised.
        NotAllowedError: the credentials may not ask it.
    """
    client: LambdaClient = aws.session.client("lambda", endpoint_url=aws.url, config=_ASKED_ONCE)
    function = compute.output("MigrateFunctionName")
    try:
        answer = client.invoke(FunctionName=function, Qualifier=ALIAS, Payload=json.dumps(request))
    except ClientError as error:
        if error.response["Error"]["Code"] != "AccessDeniedException":
            raise
        raise NotAllowedError(
            f"database: these credentials may not ask {function}, which alone knows where the schema stands",
            remedy=f"use credentials that operate {aws.config.name}; whoever may ask it may also migrate",
        ) from error
    body: dict[str, object] = json.loads(answer["Payload"].read())
    if "FunctionError" in answer:
        raise FunctionFailedError(
            action=str(request["action"]),
            kind=str(body.get("errorType")),
            reason=str(body.get("errorMessage")),
            environment=aws.config.name,
        )
    return body


class StepBack(BaseModel):
    """One revision that could be undone. refusal: why it may not, or None."""

    model_config = ConfigDict(frozen=True)

    revision: str
    to: str
    phase: str
    summary: str
    refusal: str | None


class Schema(BaseModel):
    """The schema as it stands.

    current: its revision; None before the first. head: the newest that the deployed release knows.
    pending: revisions of the release that the database lacks. steps_back: newest first.
    """

    model_config = ConfigDict(frozen=True)

    current: str | None
    head: str
    pending: tuple[str, ...] = ()
    ahead: bool = False
    steps_back: tuple[StepBack, ...] = ()


class Moved(BaseModel):
    """What a downgrade did. snapshot: taken before it; None where the environment is ephemeral."""

    model_config = ConfigDict(frozen=True)

    before: str | None
    current: str | None
    snapshot: str | None = None


def read_schema(aws: Aws, compute: DeployedStack) -> Schema:
    """Ask the migrate function where the schema stands."""
    answer = ask_migrate(aws, compute, {"action": "status"})
    try:
        return Schema.model_validate(answer)
    except ValidationError as error:
        raise OpsError(
            f"database: the deployed migrate function answers in another form: {error.errors()[0]['msg']}",
            remedy="deploy the compute stack from this version of the repository, or use the repository's older one",
        ) from error


def plan_database(aws: Aws, *, to: str | None) -> Rollback:
    """Plan the rollback of the schema. to: a revision; None for the one before the current.

    Raises:
        OpsError: a revision on the way may not be undone, or `to` is not behind the current one.
    """
    compute = DeployedStack.read(aws, "Compute")
    record.require_idle(compute)
    schema = read_schema(aws, compute)
    if to is not None and to == schema.current:
        raise OpsError(f"database --to {to}: it is at that revision already", remedy="give an earlier one")
    if not schema.steps_back:
        reason = "the database is ahead of the deployed release" if schema.ahead else "there is no earlier revision"
        raise OpsError(
            f"database at revision {schema.current}: {reason}",
            remedy="restore a snapshot, or mend it by a new revision",
        )
    steps: list[StepBack] = []
    for step in schema.steps_back:
        if step.refusal is not None:
            raise OpsError(
                f"database: revision {step.revision} ({step.phase}) may not be undone: {step.refusal}",
                remedy="mend it forward with a new revision; data that it removed is only in a snapshot",
            )
        steps.append(step)
        if to is None or step.to == to:
            return _rollback(aws, compute, steps)
    reachable = ", ".join(step.to for step in steps)
    raise OpsError(f"database --to {to}: not behind revision {schema.current}", remedy=f"give one of {reachable}")


def _rollback(aws: Aws, compute: DeployedStack, steps: Sequence[StepBack]) -> Rollback:
    """The schema going back, revision by revision."""
    stage = f"Flux-{aws.config.name}"
    return Rollback(
        changes=[
            Change(
                what=f"database, revision {step.revision}",
                current=step.revision,
                target=step.to,
                note=f"undoes ({step.phase}): {step.summary}",
                current_origin=origin_of_revision(step.revision),
                target_origin=origin_of_revision(step.to),
            )
            for step in steps
        ],
        next_step=f"'cdk diff {stage}/Compute' now shows the migrations: deploying the same code again would run them "
        f"again. Revert the commit with revision {steps[0].revision}, then deploy: cdk deploy '{stage}/*'",
        act=lambda: _go_back(aws, compute, steps[-1].to),
    )


def _go_back(aws: Aws, compute: DeployedStack, target: str) -> Sequence[str]:
    """Downgrade, ask where the schema is, and tell CloudFormation."""

    def edit(resources: record.Section) -> list[str]:
        # Another value than the bundle's own makes the migrate function answer with success and change nothing.
        (logical_id,) = compute.of_type("Custom::Migrations")
        record.properties_of(resources, logical_id)["Migrations"] = f"rolled back to {target}"
        return [logical_id]

    moved = Moved.model_validate(ask_migrate(aws, compute, {"action": "downgrade", "to": target}))
    now = read_schema(aws, compute)
    if now.current != target:
        raise OpsError(
            f"database: revision {now.current}, not {target}", remedy=f"read /flux/{aws.config.name}/migrate"
        )
    mark = f"database {moved.before} -> {moved.current} {record.signature(aws)}."
    mark += f" Snapshot {moved.snapshot}." if moved.snapshot else ""
    mark += " Deploying the same code again runs the migrations again."
    record.record_rollback(aws, compute, marks={"Database": mark}, edit=edit)
    snapshot = f"snapshot {moved.snapshot}" if moved.snapshot else "no snapshot: the environment is ephemeral"
    return [f"database: revision {moved.before} -> {now.current}; {snapshot}"]
