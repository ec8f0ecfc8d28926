"""A release of three functions and of the schema, made for `./flux` to take back."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from flux_infra.config import RELEASED_FUNCTIONS
from flux_infra.constructs.names import deployment_application_name, deployment_group_name
from local import machine
from local.proof.releases import build_source, copy_source, synthesize
from local.toolkit import STAGE, Assembly
from ops.aws import Aws, connect, find_environment
from ops.command import main
from ops.database import read_schema
from ops.releases import LiveFunction
from ops.stacks import DeployedStack
from tests.system.conftest import Flux

# One that people use, and both workers; the webhook stays as it is.
FUNCTIONS = ("api", "sync", "forecast")

REVISION = '''"""Note something about restaurants, for the tests to take away again."""

from alembic import op

revision = "{revision}"
down_revision = "{before}"


def upgrade() -> None:
    """Add a table that no release reads."""
    op.execute("CREATE TABLE ops_notes (id bigint PRIMARY KEY)")


def downgrade() -> None:
    """Take it away."""
    op.execute("DROP TABLE ops_notes")
'''


@dataclass(frozen=True, kw_only=True)
class Released:
    """The platform after the release.

    before, after: versions that `live` named, by function. schema_before, schema_after: the database's revisions.
    assembly: what was deployed.
    """

    flux: Flux
    aws: Aws
    assembly: Assembly
    before: dict[str, str]
    after: dict[str, str]
    schema_before: str
    schema_after: str

    def live(self) -> dict[str, str]:
        """The versions that `live` names now."""
        return live(self.aws)

    def schema(self) -> str:
        """The database's revision now."""
        return schema(self.aws)

    def difference(self) -> str:
        """What the ordinary `cdk diff` says of the very code that is deployed; "" for nothing."""
        return self.assembly.difference() or ""

    def deploy(self, layer: str) -> None:
        """Deploy the very same code once more."""
        self.assembly.deploy(f"{STAGE}/{layer}")

    def bring_forth(self) -> None:
        """End every rollback of the functions and the schema, as their next deployment does."""
        if DeployedStack.read(self.aws, "Compute").marks:
            self.deploy("Compute")
        assert self.live() == self.after
        assert self.schema() == self.schema_after


@contextmanager
def released_everywhere(flux: Flux) -> Iterator[Released]:
    """Release some functions and one revision; afterwards the platform is as it was."""
    aws = connect(find_environment("local"))
    before, schema_before, schema_after = live(aws), schema(aws), "9000"
    assembly = synthesize(_build(schema_before, schema_after))
    with _all_at_once(aws):
        try:
            assembly.deploy(f"{STAGE}/Compute")
            after = live(aws)
            assert {name for name in RELEASED_FUNCTIONS if after[name] != before[name]} == set(FUNCTIONS)
            assert schema(aws) == schema_after
            yield Released(
                flux=flux,
                aws=aws,
                assembly=assembly,
                before=before,
                after=after,
                schema_before=schema_before,
                schema_after=schema_after,
            )
        finally:
            _take_back(aws, schema_before)


@contextmanager
def _all_at_once(aws: Aws) -> Iterator[None]:
    """Release without a canary: it is another test's, and takes a quarter of a minute for each function."""
    application = deployment_application_name(aws.config)
    usual = {
        group: aws.deployments.get_deployment_group(applicationName=application, deploymentGroupName=group)[
            "deploymentGroupInfo"
        ]["deploymentConfigName"]
        for group in (deployment_group_name(aws.config, name) for name in FUNCTIONS)
    }

    def move_traffic(group: str, config: str) -> None:
        aws.deployments.update_deployment_group(
            applicationName=application, currentDeploymentGroupName=group, deploymentConfigName=config
        )

    for group in usual:
        move_traffic(group, "CodeDeployDefault.LambdaAllAtOnce")
    try:
        yield
    finally:
        for group, config in usual.items():
            move_traffic(group, config)


def _take_back(aws: Aws, revision: str) -> None:
    if schema(aws) != revision:
        assert flux_command("rollback", "database", "--yes") == 0
    own = Assembly(folder=machine.ASSEMBLY)
    own.deploy(f"{STAGE}/Ml", f"{STAGE}/Compute")
    assert own.difference() is None


def flux_command(*arguments: str) -> int:
    """`./flux ... --env local`; returns its exit status."""
    return main([*arguments, "--env", "local"])


def live(aws: Aws) -> dict[str, str]:
    compute = DeployedStack.read(aws, "Compute")
    return {name: LiveFunction.read(aws, compute, name).version for name in RELEASED_FUNCTIONS}


def schema(aws: Aws) -> str:
    return str(read_schema(aws, DeployedStack.read(aws, "Compute")).current)


def _build(head: str, revision: str) -> Path:
    source = copy_source("ops")
    for name in FUNCTIONS:
        with (source / "lambdas" / name / "handler.py").open("a") as file:
            file.write("\n# Released once more.\n")
    added = source / "lambdas" / "migrations" / "versions" / f"r{revision}_ops.py"
    added.write_text(REVISION.format(revision=revision, before=head))
    return build_source(source)
