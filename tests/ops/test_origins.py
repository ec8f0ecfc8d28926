"""Where a version comes from: what was deployed when it was made."""

import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from ops.commits import checked_out_commit, origin_of_revision
from ops.origins import UNKNOWN, Deployed, Origin, Origins, commit_of

ROOT = Path(__file__).resolve().parents[2]
NOON = datetime(2026, 11, 1, 12, tzinfo=UTC)
A, B = "aaaaaaaaaaaa", "bbbbbbbbbbbb"


def deployed(commit: str, *, hours: float, stack: str = "Compute") -> Deployed:
    return Deployed(stack=stack, at=NOON + timedelta(hours=hours), commit=commit, by="anna")


def origins(*deployments: Deployed, asked: float = 48) -> Origins:
    newest_first = sorted(deployments, key=lambda one: one.at, reverse=True)
    return Origins(deployed=newest_first, asked=NOON + timedelta(hours=asked))


@pytest.mark.parametrize(
    ("change_set", "commit"),
    [
        ("flux-0123456789ab", "0123456789ab"),
        ("flux-0123456789ab-dirty", "0123456789ab-dirty"),
        ("arn:aws:cloudformation:us-east-1:1:changeSet/flux-0123456789ab/7d5c", "0123456789ab"),
        ("flux-ops-0123456789ab", ""),
        ("cdk-deploy-change-set", ""),
        ("", ""),
    ],
)
def test_a_change_set_names_its_commit_or_none(change_set: str, commit: str) -> None:
    assert commit_of(change_set) == commit


def test_a_version_comes_from_the_deployment_that_was_under_way_when_it_was_made() -> None:
    found = origins(deployed(A, hours=0), deployed(B, hours=24), deployed(B, hours=0.4, stack="Ml"))
    made = NOON + timedelta(hours=0.5)
    assert found.of("Compute", made) == Origin(made=made, commit=A, by="anna")
    assert str(found.of("Compute", made)) == f"2026-11-01 12:30 UTC, commit {A}, by anna"
    assert found.of("Compute", made + timedelta(hours=24)).commit == B


def test_a_deployment_that_names_no_commit_is_not_taken_for_the_one_before_it() -> None:
    found = origins(deployed(A, hours=0), deployed("", hours=1))
    assert found.of("Compute", NOON + timedelta(hours=1.1)).commit == ""


def test_a_version_is_never_given_a_commit_that_nobody_knows_of() -> None:
    forgotten = origins(deployed(B, hours=24))
    assert forgotten.of("Compute", NOON) == Origin(made=NOON)
    long_after = origins(deployed(A, hours=0))
    assert long_after.of("Compute", NOON + timedelta(hours=9)).commit == ""
    # CloudTrail tells minutes later: what was made a moment ago may come from a deployment that it has not heard of.
    just_now = origins(deployed(A, hours=0), asked=1.1)
    assert just_now.of("Compute", NOON + timedelta(hours=1)).commit == ""
    assert just_now.of("Compute", None) == UNKNOWN
    assert str(UNKNOWN) == "at an unknown time, commit unknown"


def test_every_revision_of_the_database_tells_which_commit_brought_it() -> None:
    shallow = subprocess.run(
        ["git", "rev-parse", "--is-shallow-repository"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    ).stdout.strip()
    files = sorted((ROOT / "lambdas" / "migrations" / "versions").glob("r[0-9]*_*.py"))
    assert files
    for file in files:
        origin = origin_of_revision(file.name.removeprefix("r").partition("_")[0])
        known = len(origin.commit) == 12 and origin.made is not None and bool(origin.by)
        assert known == (shallow == "false"), file.name  # CI's checkouts hold one commit
    assert origin_of_revision(None) == origin_of_revision("9999") == UNKNOWN
    assert checked_out_commit()
