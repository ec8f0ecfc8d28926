"""During a canary two releases use one schema: the one before passes its own tests on this one's, in PostgreSQL."""

import re
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
from tests.releases.trees import Run, previous_tree, run, use_schema
from tests.schema.revisions import Step, on_top


@pytest.mark.long
def test_the_previous_release_works_on_this_releases_schema(tmp_path: Path) -> None:
    previous = previous_tree(tmp_path / "previous")
    use_schema(previous, migrations=SCRIPTS, revision=Revisions(SCRIPTS).head)
    ran = run(previous)
    assert ran.passed, ran.output
    assert _passed(ran) > 100


def test_a_schema_that_the_previous_release_cannot_work_on_is_found(tmp_path: Path) -> None:
    previous = previous_tree(tmp_path / "previous")
    scripts = on_top(tmp_path / "changed", Step(up="ALTER TABLE forecasts RENAME COLUMN quantity TO amount"))
    use_schema(previous, migrations=scripts, revision="9001")
    ran = run(previous, ("test_api_reading.py",))
    assert not ran.passed
    assert "quantity" in ran.output


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


def _passed(ran: Run) -> int:
    found = re.search(r"(\d+) passed", ran.output)
    return int(found[1]) if found else 0
