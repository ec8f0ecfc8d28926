"""What a workflow is told: from the configuration, and from what was tried before."""

import json
import subprocess
import sys

import pytest

from ci.plan import Planner, main
from ci.promotion import tried_run
from flux_infra.config import ConfigError
from flux_infra.environments import DELIVERY, DEV, PROD, STAGING, environments
from tests.ci.github_server import REPOSITORY, Server
from tests.infra.templates import PROJECT

PLANNER = Planner(delivery=DELIVERY, environments=environments())


def test_main_goes_to_production_with_productions_roles_after_staging() -> None:
    assert PLANNER.branch("main") == {
        "environment": "prod",
        "region": "us-east-1",
        "deploy-role": f"arn:aws:iam::{PROD.account}:role/flux-prod-deploy",
        "operate-role": f"arn:aws:iam::{PROD.account}:role/flux-prod-operate",
        "plan-role": f"arn:aws:iam::{PROD.account}:role/flux-prod-plan",
        "tried-on": "staging",
    }


def test_staging_goes_to_staging_and_is_where_things_are_tried() -> None:
    plan = PLANNER.branch("staging")

    assert (plan["environment"], plan["tried-on"]) == ("staging", "")
    assert plan["deploy-role"] == f"arn:aws:iam::{STAGING.account}:role/flux-staging-deploy"


@pytest.mark.parametrize("branch", ["dev", "feature/main", "", "main\nenvironment=prod"])
def test_another_branch_is_not_deployed(branch: str) -> None:
    with pytest.raises(ConfigError, match="the branches that are: staging, main"):
        PLANNER.branch(branch)


def test_no_workflow_operates_dev() -> None:
    with pytest.raises(ConfigError, match="no workflow may operate it"):
        PLANNER.environment("dev")


def test_a_preview_lives_in_devs_account() -> None:
    plan = PLANNER.preview("12")

    assert plan["preview"] == "pr-12"
    assert plan["role"] == f"arn:aws:iam::{DEV.account}:role/flux-dev-preview"
    assert PLANNER.previews() == {"region": plan["region"], "role": plan["role"]}


@pytest.mark.parametrize("number", ["", "x", "1;rm", "-1"])
def test_a_preview_has_a_number(number: str) -> None:
    with pytest.raises(ConfigError, match="pull request's number"):
        PLANNER.preview(number)


def test_the_matrix_of_drift_is_every_environment_that_is_deployed() -> None:
    rows = json.loads(PLANNER.matrix("drift")["include"])

    assert [row["environment"] for row in rows] == ["staging", "prod"]
    assert {row["role"].rsplit("-", 1)[1] for row in rows} == {"drift"}


def test_planning_needs_nothing_installed() -> None:
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-c", PLAN_ALONE],
        cwd=PROJECT,
        capture_output=True,
        text=True,
        check=True,
    )
    assert "environment=prod\n" in done.stdout


PLAN_ALONE = "import sys; sys.path.insert(0, '.'); from ci import plan; plan.main(['branch', 'main'])"


def test_a_question_without_an_answer_ends_with_2_and_prints_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["branch", "other"]) == 2
    assert main(["anything"]) == 2
    assert capsys.readouterr().out == ""


def run(number: int, tree: str, *, repository: str = REPOSITORY, branch: str = "staging") -> dict[str, object]:
    return {
        "id": number,
        "head_branch": branch,
        "head_commit": {"tree_id": tree},
        "head_repository": {"full_name": repository},
    }


def test_production_takes_the_latest_assembly_of_exactly_its_files() -> None:
    server = Server(runs=[run(3, "other"), run(2, "same"), run(1, "same")])

    assert tried_run(server.github(), branch="staging", tree="same") == 2
    assert server.asked[0].url.params["status"] == "success"
    assert server.asked[0].url.params["event"] == "push"


def test_files_that_were_not_tried_are_not_found() -> None:
    assert tried_run(Server(runs=[run(3, "other")]).github(), branch="staging", tree="same") is None


def test_a_fork_with_a_branch_of_the_same_name_supplies_nothing() -> None:
    runs = [run(5, "same", repository="mallory/flux-platform"), run(4, "same", branch="feature")]

    assert tried_run(Server(runs=runs).github(), branch="staging", tree="same") is None
