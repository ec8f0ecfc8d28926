"""During a canary two releases use one schema: each passes its own tests on the other's, on real PostgreSQL."""

import re
from dataclasses import dataclass
from pathlib import Path

import pytest

from migrate.revisions import Revisions
from migrate.schema import SCRIPTS
from schema.previous import (
    PreviousReleaseError,
    previous_release,
    unpack,
    was_released,
)
from tests.releases.trees import Run, finish, previous_tree, start, this_tree, use_schema
from tests.schema.revisions import Step, on_top


@dataclass(frozen=True, kw_only=True)
class Crossed:
    """Both runs, side by side as they take half a minute each."""

    previous_on_new: Run
    new_on_previous: Run


@pytest.fixture(scope="module")
def crossed(tmp_path_factory: pytest.TempPathFactory) -> Crossed:
    folder = tmp_path_factory.mktemp("releases")
    previous, new = previous_tree(folder / "previous"), this_tree(folder / "new")
    old = folder / "old-migrations"
    (previous / "lambdas/migrations").rename(old)
    use_schema(previous, migrations=SCRIPTS, versions=SCRIPTS / "versions", revision=Revisions(SCRIPTS).head)
    use_schema(new, migrations=SCRIPTS, versions=old / "versions", revision=Revisions(old).head)
    runs = start(previous), start(new)
    return Crossed(previous_on_new=finish(runs[0]), new_on_previous=finish(runs[1]))


@pytest.mark.long
def test_the_previous_release_works_on_this_releases_schema(crossed: Crossed) -> None:
    assert crossed.previous_on_new.passed, crossed.previous_on_new.output
    assert _passed(crossed.previous_on_new) > 100


@pytest.mark.long
def test_this_release_works_on_the_previous_releases_schema(crossed: Crossed) -> None:
    assert crossed.new_on_previous.passed, crossed.new_on_previous.output
    assert _passed(crossed.new_on_previous) > 100


def test_a_schema_that_the_previous_release_cannot_work_on_is_found(tmp_path: Path) -> None:
    previous = previous_tree(tmp_path / "previous")
    scripts = on_top(tmp_path / "changed", Step(up="ALTER TABLE forecasts RENAME COLUMN quantity TO amount"))
    use_schema(previous, migrations=scripts, versions=scripts / "versions", revision="9001")
    run = finish(start(previous, ("test_api_reading.py",)))
    assert not run.passed
    assert "quantity" in run.output


def test_every_contract_revision_waits_until_the_release_without_the_columns_is_live() -> None:
    previous = previous_release()
    waiting = [
        step.id
        for step in Revisions(SCRIPTS).between(None, Revisions(SCRIPTS).head)
        if step.contracts is not None and not was_released(step.contracts.stopped_using, previous)
    ]
    assert waiting == [], f"their stopped_using is no ancestor of {previous}, that of schema/previous_release.txt"


def test_a_release_counts_as_live_only_up_to_the_previous_one() -> None:
    assert was_released(previous_release(), previous_release())
    assert not was_released("release/never-made", previous_release())


def test_a_clone_without_the_previous_release_says_how_to_get_it(tmp_path: Path) -> None:
    with pytest.raises(PreviousReleaseError, match="git fetch --depth=1 origin 0000"):
        unpack("0" * 40, tmp_path)


def test_a_pointer_must_be_a_full_commit(tmp_path: Path) -> None:
    pointer = tmp_path / "previous.txt"
    pointer.write_text("# comment\nmain\n")
    with pytest.raises(PreviousReleaseError, match="one full commit"):
        previous_release(pointer)


def _passed(run: Run) -> int:
    found = re.search(r"(\d+) passed", run.output)
    return int(found[1]) if found else 0
