"""A release of every function and of the schema, made for `flux ops` to take back."""

import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from flux_infra.local import machine
from flux_infra.local.toolkit import STAGE, Assembly
from flux_infra.ops.__main__ import main
from flux_infra.ops.aws import Aws, connect, find_environment
from flux_infra.ops.database import read_schema
from flux_infra.ops.releases import RELEASED, LiveFunction
from flux_infra.ops.stacks import DeployedStack
from tests.system.conftest import Flux

FOLDER = machine.STATE / "ops"

# Every function's bundle holds this file, so all of them are released.
EVERYWHERE = Path("lambdas/flux_core/logs.py")

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


@contextmanager
def released_everywhere(flux: Flux) -> Iterator[Released]:
    """Release every function and one revision; afterwards the platform is as it was."""
    aws = connect(find_environment("local"))
    before, schema_before = live(aws), schema(aws)
    schema_after = "9000"
    artifacts = _build(schema_before, schema_after)
    assembly = Assembly.synthesize(FOLDER / "assembly", artifacts=artifacts)
    assembly.deploy(f"{STAGE}/Compute")
    assert schema(aws) == schema_after
    yield Released(
        flux=flux,
        aws=aws,
        assembly=assembly,
        before=before,
        after=live(aws),
        schema_before=schema_before,
        schema_after=schema_after,
    )
    if schema(aws) != schema_before:
        assert flux_ops("rollback", "database", "--yes") == 0
    own = Assembly(folder=machine.ASSEMBLY)
    own.deploy(f"{STAGE}/Compute")
    assert own.difference() is None


def flux_ops(*arguments: str) -> int:
    """`flux ops ... --env local`; returns its exit status."""
    return main(["ops", *arguments, "--env", "local"])


def live(aws: Aws) -> dict[str, str]:
    compute = DeployedStack.read(aws, "Compute")
    return {name: LiveFunction.read(aws, compute, name).version for name in RELEASED}


def schema(aws: Aws) -> str:
    return str(read_schema(aws, DeployedStack.read(aws, "Compute")).current)


def _build(head: str, revision: str) -> Path:
    source, artifacts = FOLDER / "source", FOLDER / "artifacts"
    shutil.copytree(machine.ROOT / "lambdas", source / "lambdas", ignore=shutil.ignore_patterns("__pycache__"))
    with (source / EVERYWHERE).open("a") as file:
        file.write("\n# Released once more.\n")
    added = source / "lambdas" / "migrations" / "versions" / f"r{revision}_ops.py"
    added.write_text(REVISION.format(revision=revision, before=head))
    subprocess.run(
        [sys.executable, "-m", "flux_infra.building.build", "--source", str(source), "--out", str(artifacts)],
        cwd=machine.ROOT,
        check=True,
        stdout=subprocess.DEVNULL,
    )
    return artifacts
