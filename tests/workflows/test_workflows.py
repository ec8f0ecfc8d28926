"""What must hold for every workflow, besides what its linters say."""

import re
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import cast

import pytest

from ci.comment import APPROVAL
from flux_infra.delivery.identities import DRIFT, PLAN, PREVIEW
from flux_infra.environments import DELIVERY
from ops.layers import ROLLED_BACK
from tests.workflows.workflow_files import FOLDER, NAMES, ROOT, Map, Workflow, Yaml

# Who may write what, and why is beside it in the workflow.
WRITES = {
    ("ci", "review"): {"pull-requests"},
    ("deploy", "deploy"): {"id-token"},
    ("drift", "drift"): {"id-token"},
    ("drift", "alert"): {"issues"},
    ("preview", "deploy"): {"id-token"},
    ("preview", "destroy"): {"id-token"},
    ("rollback", "plan"): {"id-token"},
    ("rollback", "rollback"): {"id-token"},
    ("sweep", "find"): {"id-token"},
    ("sweep", "destroy"): {"id-token"},
}

# The only actions we run, GitHub's own and AWS's own, each with its first major version on Node 24; whatever else is
# needed, a script of ours does. Runners have no Node 20 any more ("Deprecation of Node 20 on GitHub Actions runners",
# GitHub Changelog); what an action runs on stands in its action.yml.
ON_NODE_24 = {
    "actions/checkout": 5,
    "actions/download-artifact": 7,
    "actions/setup-python": 6,
    "actions/upload-artifact": 6,
    "aws-actions/configure-aws-credentials": 6,
}


@pytest.fixture(params=NAMES)
def workflow(request: pytest.FixtureRequest) -> Workflow:
    return Workflow.read(request.param)


def test_there_is_no_workflow_that_is_not_tested_here() -> None:
    assert {path.name for path in FOLDER.iterdir()} == {f"{name}.yml" for name in NAMES}


def test_every_action_is_githubs_or_awss_own_pinned_by_its_full_hash_on_a_node_that_runners_have(
    workflow: Workflow,
) -> None:
    uses = re.findall(r"uses: *(.*)", workflow.text)

    assert uses
    for use in uses:
        found = re.fullmatch(r"(\S+)@[0-9a-f]{40} # v(\d+)\.\d+\.\d+", use)
        assert found is not None, use
        assert int(found[2]) >= ON_NODE_24[found[1]], use


def test_an_action_has_one_version_everywhere() -> None:
    uses = {use for name in NAMES for use in re.findall(r"uses: *(.*)", Workflow.read(name).text)}

    assert len(uses) == len({use.split("@")[0] for use in uses})


def test_a_workflow_has_no_permission_and_a_job_only_what_it_names(workflow: Workflow) -> None:
    assert workflow.content["permissions"] == {}
    for name, job in workflow.jobs.items():
        permissions = cast("Mapping[str, str]", job["permissions"])
        assert set(permissions.values()) <= {"read", "write"}
        writes = {scope for scope, access in permissions.items() if access == "write"}
        assert writes == WRITES.get((workflow.name, name), set())


def test_no_secret_is_kept_on_github(workflow: Workflow) -> None:
    assert "secrets" not in workflow.text
    assert set(re.findall(r"github\.token|GITHUB_TOKEN: .*", workflow.text)) <= {
        "github.token",
        "GITHUB_TOKEN: ${{ github.token }}",
    }
    assert not re.search(r"AKIA|aws-access-key-id|aws-secret-access-key", workflow.text)


def test_no_checkout_leaves_its_credentials_behind(workflow: Workflow) -> None:
    for _, step in workflow.steps():
        if str(step.get("uses", "")).startswith("actions/checkout@"):
            assert cast("Map", step["with"])["persist-credentials"] == "false"


def test_nothing_from_outside_is_pasted_into_a_script(workflow: Workflow) -> None:
    for script in workflow.scripts():
        assert "${{" not in script


def test_no_job_waits_for_ever_and_each_runs_on_a_named_version(workflow: Workflow) -> None:
    for job in workflow.jobs.values():
        assert 5 <= int(str(job["timeout-minutes"])) <= 120
        assert job["runs-on"] == "ubuntu-24.04"


def test_a_command_that_fails_before_a_pipe_fails_its_step(workflow: Workflow) -> None:
    assert workflow.content["defaults"] == {"run": {"shell": "bash"}}  # GitHub adds pipefail when the shell is named


def test_a_command_within_another_cannot_fail_unseen() -> None:
    """`echo "name=$(command)"` succeeds whatever the command does; an assignment alone has the command's status."""
    texts = {f"{name}.yml": script for name in NAMES for script in Workflow.read(name).scripts()}
    texts |= {path.name: path.read_text() for path in (ROOT / "scripts").iterdir()}
    for name, text in texts.items():
        # Words for a person may fail to be complete.
        told = re.findall(r"^.*(?:echo|printf) .*\$\(.*$", text, flags=re.MULTILINE)
        assert [line for line in told if "GITHUB_OUTPUT" in line or "=$(" in line] == [], name


def test_two_runs_never_change_one_environment_at_once(workflow: Workflow) -> None:
    concurrency = cast("Map", workflow.content["concurrency"])
    only_looks = workflow.name in {"ci", "drift", "nightly"}

    assert concurrency["cancel-in-progress"] == ("true" if only_looks else "false")


def test_a_run_that_changes_something_is_never_replaced_while_it_waits(workflow: Workflow) -> None:
    for level in (workflow.content, *workflow.jobs.values()):
        concurrency = cast("Map", level.get("concurrency", {}))
        if concurrency.get("cancel-in-progress") == "false":
            assert concurrency["queue"] == "max"  # otherwise GitHub keeps the newest waiting run alone


def test_nothing_runs_with_our_rights_on_a_forks_code(workflow: Workflow) -> None:
    assert not {"pull_request_target", "workflow_run", "issue_comment"} & set(workflow.triggers)
    for name, job in workflow.jobs.items():
        if "pull_request" in workflow.triggers and "id-token" in cast("Map", job["permissions"]):
            assert "github.event.pull_request.head.repo.full_name == github.repository" in str(job["if"]), name


def test_nothing_is_installed_while_there_are_credentials(workflow: Workflow) -> None:
    for name in workflow.jobs:
        armed = False
        for job, step in workflow.steps():
            if job != name:
                continue
            assert not (
                armed and re.search(r"npm (ci|install)|make (tools|build|synth|test)|pip ", str(step.get("run")))
            )
            armed = armed or str(step.get("uses", "")).startswith("aws-actions/")


def test_whoever_becomes_an_environments_role_runs_in_that_environment() -> None:
    def environments_of(workflow: str) -> dict[str, Yaml]:
        named = {job: content.get("environment") for job, content in Workflow.read(workflow).jobs.items()}
        return {job: value["name"] if isinstance(value, Mapping) else value for job, value in named.items() if value}

    assert environments_of("deploy") == {"deploy": "${{ needs.assembly.outputs.environment }}"}
    assert environments_of("rollback") == {"plan": PLAN, "rollback": "${{ inputs.environment }}"}
    assert environments_of("drift") == {"drift": DRIFT}
    assert environments_of("preview") == {"deploy": PREVIEW, "destroy": PREVIEW}
    assert environments_of("sweep") == {"find": PREVIEW, "destroy": PREVIEW}


def test_what_was_deployed_has_its_address_on_the_runs_page() -> None:
    for name in ("deploy", "preview"):
        workflow = Workflow.read(name)
        environment = cast("Map", workflow.jobs["deploy"]["environment"])
        steps = [step for job, step in workflow.steps() if job == "deploy"]
        (told,) = [step for step in steps if "ci.summary" in str(step.get("run"))]

        assert environment["url"] == f"${{{{ steps.{told['id']}.outputs.url }}}}"
        # Before the smoke test: where something is wrong, its address is wanted all the more.
        assert steps.index(told) < next(i for i, step in enumerate(steps) if "ci.smoke" in str(step.get("run")))


def test_who_approves_a_rollback_has_seen_its_plan_and_exactly_that_is_done() -> None:
    workflow = Workflow.read("rollback")
    (look,) = [step for job, step in workflow.steps() if job == "plan" and "./flux" in str(step.get("run"))]
    (act,) = [step for job, step in workflow.steps() if job == "rollback" and "./flux" in str(step.get("run"))]

    assert workflow.jobs["rollback"]["needs"] == "plan"
    assert "--plan " in str(look["run"])
    assert "--yes" not in str(look["run"])
    assert "GITHUB_STEP_SUMMARY" in str(look["run"])
    assert '--planned="$PLANNED"' in str(act["run"])
    assert cast("Map", act["env"])["PLANNED"] == "${{ needs.plan.outputs.planned }}"


def test_the_branches_that_deploy_are_those_of_the_configuration() -> None:
    push = cast("Map", Workflow.read("deploy").triggers["push"])

    assert push["branches"] == [branch.name for branch in DELIVERY.branches]


def test_only_what_is_deployed_by_a_branch_can_be_rolled_back() -> None:
    dispatch = cast("Map", Workflow.read("rollback").triggers["workflow_dispatch"])
    inputs = cast("Mapping[str, Map]", dispatch["inputs"])

    assert inputs["environment"]["options"] == [branch.environment for branch in DELIVERY.branches]
    assert inputs["what"]["options"] == list(ROLLED_BACK)


def test_a_deployment_is_smoke_tested_last(workflow: Workflow) -> None:
    if "scripts/cdk deploy" not in workflow.text:
        return
    always = [step for job, step in workflow.steps() if job == "deploy" and "if" not in step]
    runs = [str(step.get("run", "")) for step in always]
    deployed = next(i for i, run in enumerate(runs) if "scripts/cdk deploy" in run)
    published = next(i for i, run in enumerate(runs) if "flux site publish" in run)

    assert deployed < published < len(runs) - 1
    assert "ci.smoke outputs.json" in runs[-1]


def test_a_site_that_fails_its_smoke_test_is_taken_back_by_itself() -> None:
    (back,) = [step for job, step in Workflow.read("deploy").steps() if "failure()" in str(step.get("if", ""))]

    assert "steps.smoke.conclusion == 'failure'" in str(back["if"])
    assert str(back["run"]).startswith('./flux site rollback --env "$ENVIRONMENT" --to="$BEFORE"')


def test_what_is_deployed_was_built_once_and_is_checked() -> None:
    deploy = [str(step.get("run", "")) for job, step in Workflow.read("deploy").steps() if job == "deploy"]

    assert not any(re.search(r"make (build|synth)", run) for run in deploy)
    assert any("scripts/unpack-assembly" in run for run in deploy)
    assert any("--app cdk.out" in run for run in deploy)


def test_nothing_is_built_again_where_the_cdk_acts(workflow: Workflow) -> None:
    """cdk.json has a build command, and the CLI runs it even for an assembly that was synthesized before."""
    for script in workflow.scripts():
        assert script.count("scripts/cdk") == script.count("--build ''"), script


def test_the_label_of_approval_starts_the_review_again() -> None:
    types = cast("Map", Workflow.read("ci").triggers["pull_request"])["types"]

    assert {"labeled", "unlabeled"} <= set(cast("list[str]", types))
    assert APPROVAL in (ROOT / "docs" / "releasing.md").read_text()


def test_every_script_and_target_that_a_workflow_names_is_there(workflow: Workflow) -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), flags=re.MULTILINE))
    for script in workflow.scripts():
        for path in re.findall(r"scripts/[a-z-]+", script):
            assert (ROOT / path).stat().st_mode & 0o100, path
        for target in re.findall(r"make ([a-z-]+)", script):
            assert target in targets
        for module in re.findall(r"-m (flux_infra\.delivery\.[a-z]+)", script):
            assert (ROOT / f"{module.replace('.', '/')}.py").exists(), module


def test_an_assembly_arrives_whole_or_not_at_all(tmp_path: Path) -> None:
    (tmp_path / "scripts").mkdir()
    for name in ("pack-assembly", "unpack-assembly"):
        shutil.copy2(ROOT / "scripts" / name, tmp_path / "scripts")
    for path, text in (("cdk.out/manifest.json", "{}"), (".build/manifest.json", "{}"), (".build/site/x/a.js", "1")):
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(text)

    packed = subprocess.run([tmp_path / "scripts" / "pack-assembly"], capture_output=True, text=True, check=True)
    sha256 = packed.stdout.removeprefix("sha256=").strip()
    shutil.rmtree(tmp_path / "cdk.out")
    unpack: list[str | Path] = [tmp_path / "scripts" / "unpack-assembly", sha256]

    with (tmp_path / "assembly.tar").open("r+b") as tar:
        first = tar.read(1)
        tar.seek(0)
        tar.write(b"!")
        tar.flush()
        assert subprocess.run(unpack, capture_output=True, check=False).returncode != 0
        assert not (tmp_path / "cdk.out").exists()
        tar.seek(0)
        tar.write(first)
    subprocess.run(unpack, capture_output=True, check=True)
    assert (tmp_path / "cdk.out" / "manifest.json").read_text() == "{}"
