"""What is read from `cdk diff`, by running it on production's own templates."""

import json
import os
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import cast

import pytest

from ci.difference import Change, UnreadableDifferenceError, read_difference
from flux_infra.environments import PROD
from tests.infra.placeholder_artifacts import PlaceholderArtifacts
from tests.infra.templates import PROJECT, Json, Resource, Templates

type Edit = Callable[[Resource], None]

DATABASE = "DatabaseInstanceAA8A5FDE"
BUCKET = "AssetsBucket252B3DF7"
LAST_LINE = "Number of stacks with differences: 1"


@pytest.fixture(scope="module")
def assembly(tmp_path_factory: pytest.TempPathFactory) -> Path:
    artifacts = PlaceholderArtifacts.in_folder(tmp_path_factory.mktemp("artifacts"))
    templates = Templates.synthesize(PROD, artifacts=artifacts, outdir=tmp_path_factory.mktemp("prod"))
    return Path(templates.stage.outdir)


def report(assembly: Path, folder: Path, edit: Edit) -> str:
    """Return what `cdk diff` says when what is deployed was edited before: `edit` gets the deployed resources."""
    (path,) = assembly.glob("FluxprodData*.template.json")
    deployed = cast("dict[str, Resource]", json.loads(path.read_text()))
    edit(deployed["Resources"])
    before = folder / "deployed.json"
    before.write_text(json.dumps(deployed))
    done = subprocess.run(
        [
            str(PROJECT / "scripts" / "cdk"),
            *("diff", "Flux-prod/Data", "--exclusively", "--no-color"),
            *("--app", str(assembly), "--build", "", "--template", str(before)),
        ],
        env={**os.environ, "CI": "true"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout + done.stderr


def properties(resources: Resource, logical_id: str) -> Resource:
    return cast("Resource", cast("Resource", resources[logical_id])["Properties"])


def test_nothing_is_read_where_nothing_differs(assembly: Path, tmp_path: Path) -> None:
    assert read_difference(report(assembly, tmp_path, lambda _: None)) == ()


def test_a_replaced_database_a_deleted_bucket_and_an_orphaned_one_are_destructive(
    assembly: Path, tmp_path: Path
) -> None:
    def deployed(resources: Resource) -> None:
        properties(resources, DATABASE)["DBInstanceIdentifier"] = "flux-prod-older"
        resources["OldBucket"] = {"Type": "AWS::S3::Bucket"}
        resources["KeptBucket"] = {"Type": "AWS::S3::Bucket", "DeletionPolicy": "Retain"}

    changes = read_difference(report(assembly, tmp_path, deployed))

    assert {(c.logical_id, c.kind, c.impact, c.destructive) for c in changes} == {
        (DATABASE, "changed", "replace", True),
        ("OldBucket", "removed", "destroy", True),
        ("KeptBucket", "removed", "orphan", True),
    }
    assert {c.stack for c in changes} == {"Flux-prod/Data"}
    assert {c.path for c in changes} == {"Data/Database/Instance", "OldBucket", "KeptBucket"}


def test_a_change_in_place_and_a_new_resource_lose_nothing(assembly: Path, tmp_path: Path) -> None:
    def deployed(resources: Resource) -> None:
        properties(resources, DATABASE)["AllocatedStorage"] = "500"
        del resources[BUCKET]

    changes = read_difference(report(assembly, tmp_path, deployed))

    assert (DATABASE, "changed", None) in {(c.logical_id, c.kind, c.impact) for c in changes}
    assert (BUCKET, "added", None) in {(c.logical_id, c.kind, c.impact) for c in changes}
    assert not [change for change in changes if change.destructive]


def test_what_holds_no_state_may_go(assembly: Path, tmp_path: Path) -> None:
    def deployed(resources: Resource) -> None:
        document: dict[str, Json] = {"Version": "2012-10-17", "Statement": []}
        resources["OldPolicy"] = {
            "Type": "AWS::IAM::ManagedPolicy",
            "Properties": {"PolicyDocument": document},
        }

    (change,) = read_difference(report(assembly, tmp_path, deployed))

    assert (change.logical_id, change.impact, change.destructive) == ("OldPolicy", "destroy", False)


@pytest.mark.parametrize("resource", ["Data/Database Database", "Database"])
def test_a_line_that_is_not_understood_is_an_error(resource: str) -> None:
    line = f"[-] AWS::RDS::DBInstance {resource} vaporized"

    with pytest.raises(UnreadableDifferenceError, match="vaporized"):
        read_difference(f"Stack Flux-prod/Data\nResources\n{line}\n\n{LAST_LINE}")


@pytest.mark.parametrize("text", ["", "Stack Flux-prod/Data\nResources\n", "Need to perform AWS calls for account"])
def test_a_report_that_breaks_off_is_an_error(text: str) -> None:
    with pytest.raises(UnreadableDifferenceError, match="did not finish"):
        read_difference(text)


def test_a_blank_line_hides_nothing_after_it() -> None:
    text = f"""Stack Flux-prod/Data
Resources
[~] AWS::Lambda::Function Compute/Api Api123
 └─ [~] Code
     @@ -1,3 +1,3 @@

[-] AWS::S3::Bucket Data/Assets Assets1 destroy
[+] Output Name Name: {{"Value":"AWS::NoValue"}}

{LAST_LINE}"""

    assert [change.logical_id for change in read_difference(text) if change.destructive] == ["Assets1"]


@pytest.mark.parametrize("impact", ["replace", "may be replaced", "destroy", "orphan"])
def test_every_way_of_losing_a_key_is_destructive(impact: str) -> None:
    line = f"[~] AWS::KMS::Key Data/Key Key1 {impact}"

    (change,) = read_difference(f"Stack Flux-prod/Data (Flux-prod-Data)\n{line}\n{LAST_LINE}")

    assert change.destructive
    assert change == Change(
        stack="Flux-prod/Data",
        kind="changed",
        resource_type="AWS::KMS::Key",
        path="Data/Key",
        logical_id="Key1",
        impact=change.impact,
    )
