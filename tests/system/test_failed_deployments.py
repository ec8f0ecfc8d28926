"""Deployments that fail, in an environment that keeps its data, on an AWS of its own.

The next deployment succeeds, or does after the commands of docs/runbooks/failed-first-deployment.md.
"""

import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from flux_infra.constructs.names import LAYERS
from local import machine
from local.proof.bad_changes import REFUSED
from local.proof.changes import GOOD, Change
from tests.system.failed_deployments.environment import OwnEnvironment, Templates, own_environment
from tests.system.failed_deployments.runbook import commands
from tests.system.failed_deployments.synthesis import NAME

# What docs/runbooks/failed-first-deployment.md has commands for.
PROTECTED, DATABASE = "The stack is protected", "The database is still there"
RUNBOOK = {"Network": PROTECTED, "Data": DATABASE, "Ml": PROTECTED}


@pytest.fixture
def environment(tmp_path: Path) -> Iterator[OwnEnvironment]:
    with own_environment(tmp_path) as own:
        yield own


def fail_then_deploy(own: OwnEnvironment, layer: str, *, bad: Templates, good: Templates) -> str:
    """The stack's first attempt fails at its end; then it is deployed. Returns a line of what was seen."""
    assert not own.deploy(layer, bad).succeeded
    left = own.left_behind(layer)
    assert left == bad.not_deleted(layer)
    assert own.status(layer) == ("ROLLBACK_FAILED" if left else "ROLLBACK_COMPLETE")

    again = own.deploy(layer, good)
    assert again.succeeded is (layer not in RUNBOOK), again.said
    section = RUNBOOK.get(layer)
    if section is not None:
        assert "TerminationProtection" in again.said
        given = {"stack": f"Flux-{NAME}-{layer}"} if section == PROTECTED else {"environment": NAME}
        own.type(commands(section, **given))
        final = own.deploy(layer, good)
        assert final.succeeded, final.said
    assert own.status(layer) == "CREATE_COMPLETE"
    return (
        f"{layer}: left behind {len(left)} of {len(bad.logical_ids(layer))}; "
        f"before the next deployment: {section or 'nothing to do'}"
    )


def test_the_data_of_a_first_deployment_that_failed_stands_in_nobodys_way(
    environment: OwnEnvironment, show: Callable[[str], None]
) -> None:
    good = environment.synthesize("good")
    bad = environment.synthesize("bad", failing=("Data",))
    environment.bootstrap(good)
    assert environment.deploy("Network", good).succeeded
    show(fail_then_deploy(environment, "Data", bad=bad, good=good))


@pytest.mark.long
def test_every_stack_fails_at_first_and_the_whole_environment_is_deployed_in_the_end(
    environment: OwnEnvironment, show: Callable[[str], None], tmp_path: Path
) -> None:
    good = environment.synthesize("good")
    bad = environment.synthesize("bad", failing=LAYERS)
    environment.bootstrap(good)
    for layer in LAYERS:
        show(fail_then_deploy(environment, layer, bad=bad, good=good))
    assert environment.differences(good) == ""

    for line in updates_that_fail(environment, tmp_path):
        show(line)


def updates_that_fail(own: OwnEnvironment, folder: Path) -> Iterator[str]:
    """Releases of functions that fail, and are then mended. Yields a line of what was seen for each."""
    first = own.live_versions()
    released = build(folder / "builds", GOOD)

    # Something else in the stack fails after the functions were released.
    assert not own.deploy("Compute", own.synthesize("late", failing=("Compute",), artifacts=released)).succeeded
    assert own.status("Compute") == "UPDATE_ROLLBACK_COMPLETE"
    assert own.live_versions() == first
    # The very same functions, without what failed.
    again = own.deploy("Compute", own.synthesize("again", artifacts=released))
    assert again.succeeded, again.said
    second = own.live_versions()
    changed = {name for name in first if first[name] != second[name]}
    assert len(changed) == 1
    yield f"update: failed late, rolled back, the same code deployed: {changed.pop()} serves another version"

    # The function itself is broken, and the gate refuses it.
    (broken,) = [change for change in REFUSED if change.name == "one-route-answers-500"]
    refused = own.deploy("Compute", own.synthesize("broken", artifacts=build(folder / "builds", broken)))
    assert not refused.succeeded
    assert own.status("Compute") == "UPDATE_ROLLBACK_COMPLETE"
    assert own.live_versions() == second
    mended = own.deploy("Compute", own.synthesize("mended"))
    assert mended.succeeded, mended.said
    assert own.status("Compute") == "UPDATE_COMPLETE"
    assert own.live_versions() != second
    yield "update: a function that answers 500 was refused, then the mended one deployed"


def build(folder: Path, change: Change) -> Path:
    """Bundles of the functions, from a changed copy of the source."""
    source, artifacts = folder / change.name / "source", folder / change.name / "artifacts"
    shutil.copytree(machine.ROOT / "lambdas", source / "lambdas", ignore=shutil.ignore_patterns("__pycache__"))
    changed = source / change.file
    changed.write_text(change.applied(changed.read_text(), change.file))
    subprocess.run(
        [sys.executable, "-m", "build", "--source", str(source), "--out", str(artifacts)],
        cwd=machine.ROOT,
        check=True,
        stdout=subprocess.DEVNULL,
    )
    return artifacts
