"""The doctor on the deployed local AWS."""

import json

import pytest

from flux_infra.environments import LOCAL
from ops.command import main

pytestmark = pytest.mark.usefixtures("flux")


def test_nothing_stops_a_deployment_here_and_what_this_machine_cannot_know_is_not_called_ok(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["doctor", "--env", "local", "--json"]) == 0
    answer = json.loads(capsys.readouterr().out)
    states = {row["what"]: row["state"] for row in answer["rows"]}
    assert answer["passed"] is True
    assert states["CDK bootstrap in us-east-1"] == "ok"
    assert states["stacks"] == "ok"
    assert states["VPCs"] == "not known here"
    assert states[f"zone {LOCAL.network.zones[0]}"] == "not known here"


def test_the_page_names_what_waits_for_a_person(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["doctor", "--env", "local"]) == 0
    assert "Nothing is known to stop a deployment." in capsys.readouterr().out
