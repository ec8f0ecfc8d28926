"""Releases whose migrations fail, made from a changed copy of the functions' source and deployed under load."""

import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http import HTTPStatus
from pathlib import Path

from local import machine
from local.console import StepFailed
from local.demo import sign_in
from local.platform import Platform
from local.proof.releases import build_source, copy_source, synthesize
from local.proof.users import repeatedly
from local.till import AURORA
from local.toolkit import STAGE
from migrate.revisions import Revisions
from migrate.schema import SCRIPTS

REQUESTS_PER_SECOND = 20
FUNCTIONS = ("api", "webhook", "sync", "forecast", "migrate")


@dataclass(frozen=True, kw_only=True)
class State:
    """What a failed release must leave as it was.

    schema: Alembic's revision, and every column of every table.
    aliases: the version that `live` names, by function name.
    """

    schema: tuple[str, frozenset[str]]
    aliases: dict[str, str]


@dataclass(kw_only=True)
class Users:
    """What users got while a release was under way: answers by HTTP status, and the slowest in seconds."""

    statuses: Counter[int] = field(default_factory=Counter)
    slowest: float = 0

    @property
    def failed(self) -> int:
        """Requests that got no 200."""
        return self.statuses.total() - self.statuses[HTTPStatus.OK]


@dataclass(frozen=True, kw_only=True)
class Attempt:
    """A deployment that failed: the reason that CloudFormation gave, what the stack is now, what users got."""

    reason: str
    stack: str
    before: State
    after: State
    users: Users


def attempt(platform: Platform, name: str, *statements: str) -> Attempt:
    """Deploy a new api together with one new revision for each statement, under load; it must fail."""
    assembly = synthesize(_build(name, statements))
    before, reason = state(platform), ""
    with _users(platform) as users:
        try:
            assembly.deploy(f"{STAGE}/Compute")
        except StepFailed as failed:
            reason = failed.why
    stacks = machine.session().client("cloudformation", endpoint_url=machine.AWS_URL)
    (stack,) = stacks.describe_stacks(StackName=f"{STAGE}-Compute")["Stacks"]
    return Attempt(reason=reason, stack=stack["StackStatus"], before=before, after=state(platform), users=users)


def state(platform: Platform) -> State:
    with platform.tenant(AURORA.restaurant_id, as_owner=True) as connection:
        (revision,) = connection.execute("SELECT version_num FROM alembic_version").fetchone() or ("none",)
        columns = connection.execute(
            "SELECT table_name || '.' || column_name FROM information_schema.columns WHERE table_schema = 'public'"
        ).fetchall()
    return State(
        schema=(revision, frozenset(column for (column,) in columns)),
        aliases={
            function["FunctionName"]: platform.functions.get_alias(FunctionName=function["FunctionName"], Name="live")[
                "FunctionVersion"
            ]
            for function in platform.functions.list_functions()["Functions"]
            if function["Handler"].partition(".")[0] in FUNCTIONS
        },
    )


@contextmanager
def transaction_on(platform: Platform, table: str) -> Iterator[None]:
    """Read a table in a transaction that stays open, as a forgotten session of a person's does."""
    with platform.tenant(AURORA.restaurant_id, as_owner=True) as connection:
        connection.execute("SET idle_in_transaction_session_timeout = 0")
        connection.execute(f"LOCK TABLE {table} IN ACCESS SHARE MODE")
        yield


def _build(name: str, statements: tuple[str, ...]) -> Path:
    source = copy_source(f"migrations-{name}")
    handler = source / "lambdas/api/handler.py"
    handler.write_text(f"{handler.read_text()}\n# released together with migrations that fail: {name}\n")
    before = Revisions(SCRIPTS).head
    for number, statement in enumerate(statements, start=9001):
        (source / f"lambdas/migrations/versions/r{number}_{name}.py").write_text(
            f'"""A revision that should never have been made."""\n\nfrom alembic import op\n\n'
            f'revision = "{number}"\ndown_revision = "{before}"\n\n\n'
            f"def upgrade() -> None:\n    op.execute({statement!r})\n\n\n"
            'def downgrade() -> None:\n    op.execute("ALTER TABLE menu_items DROP COLUMN season")\n'
        )
        before = str(number)
    return build_source(source)


@contextmanager
def _users(platform: Platform) -> Iterator[Users]:
    """Read forecasts through CloudFront as an owner, steadily, until the block ends."""
    users = Users()
    with platform.visitor() as visitor:
        token = sign_in(visitor, AURORA)

        def read_forecasts() -> None:
            began = time.monotonic()
            answer = visitor.get("/api/v1/forecasts", headers={"authorization": f"Bearer {token}"})
            users.statuses[answer.status_code] += 1
            users.slowest = max(users.slowest, time.monotonic() - began)

        with repeatedly(read_forecasts, per_second=REQUESTS_PER_SECOND):
            yield users
