"""`./flux` on the deployed local AWS: what is live, and each layer rolled back and brought forth again."""

import json
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from flux_infra.config import RELEASED_FUNCTIONS
from local.console import say
from local.proof.users import reading
from ops.aws import Aws
from ops.live_model import configs
from ops.record import Section, amend_template
from ops.site import built_site
from ops.stacks import DeployedStack
from tests.system.conftest import Flux
from tests.system.ops_release import FUNCTIONS, Released, flux_command, released_everywhere
from tests.system.site_builds import changed, read_manifest


@pytest.fixture(scope="module")
def everywhere(flux: Flux) -> Iterator[Released]:
    with released_everywhere(flux) as release:
        yield release


@pytest.fixture
def released(everywhere: Released) -> Iterator[Released]:
    """The release, live; what a test has rolled back is brought forth again after it."""
    yield everywhere
    everywhere.bring_forth()


class Screen:
    """What the command printed; shown as well to whoever runs the tests with -s."""

    def __init__(self, capsys: pytest.CaptureFixture[str]) -> None:
        self._capsys = capsys

    def read(self) -> str:
        captured = self._capsys.readouterr()
        self.show(captured.out + captured.err)
        return captured.out + captured.err

    def show(self, text: str) -> None:
        with self._capsys.disabled():
            say(text)


@pytest.fixture
def screen(capsys: pytest.CaptureFixture[str]) -> Screen:
    return Screen(capsys)


def test_status_tells_what_is_live_in_each_layer_and_how_it_came_there(released: Released, screen: Screen) -> None:
    assert flux_command("status", "--json") == 0
    status = json.loads(screen.read())
    layers = {layer["name"]: layer for layer in status["layers"]}
    assert {name: layers[name]["live"] for name in RELEASED_FUNCTIONS} == {
        name: f"version {version}" for name, version in released.after.items()
    }
    assert all(layers[name]["since"] for name in (*FUNCTIONS, "model", "site"))
    assert layers["database"]["live"] == f"revision {released.schema_after}"
    assert layers["site"]["live"] == read_manifest(built_site()).release
    newest = status["deployments"]["sync"][0]
    assert (newest["status"], newest["target"]) == ("Succeeded", released.after["sync"])
    assert status["marks"] == {}

    assert flux_command("status") == 0
    page = screen.read()
    assert f"version {released.after['api']}" in page
    assert newest["identifier"] in page


def test_an_alias_that_was_moved_by_hand_is_no_difference_to_cdk_diff(released: Released) -> None:
    """Why a rollback is written into the deployed template: without that, nobody is told."""
    function = DeployedStack.read(released.aws, "Compute").output("SyncFunctionName")

    def move(version: str) -> None:
        released.aws.functions.update_alias(FunctionName=function, Name="live", FunctionVersion=version)

    move(released.before["sync"])
    try:
        assert released.difference() == ""
    finally:
        move(released.after["sync"])


def test_the_api_goes_back_without_one_failed_request_and_the_next_diff_says_so(
    released: Released, screen: Screen
) -> None:
    before, after = released.before["api"], released.after["api"]
    with reading(released.flux.platform) as back:
        assert flux_command("rollback", "api", "--yes") == 0
    assert f"{after} -> {before}" in screen.read()
    screen.show(f"{back.failed} of {back.total} requests failed while the api went back")
    assert released.live() == released.after | {"api": before}
    assert (back.failed, back.total > 0) == (0, True)

    difference = released.difference()
    screen.show(difference)
    assert "RolledBackApi" in difference
    assert "FunctionVersion" in difference
    assert flux_command("status") == 0
    assert f"api {after} -> {before}" in screen.read()

    with reading(released.flux.platform) as forth:
        released.deploy("Compute")
    screen.show(f"{forth.failed} of {forth.total} requests failed while it was released again")
    assert forth.failed == 0
    assert released.live() == released.after
    assert released.difference() == ""


def test_both_workers_go_back_and_a_step_forth_by_version_is_a_rollback_too(released: Released, screen: Screen) -> None:
    assert flux_command("rollback", "workers", "--yes") == 0
    screen.read()
    gone_back = {name: released.before[name] for name in ("sync", "forecast")}
    assert released.live() == released.after | gone_back
    for name in gone_back:
        assert flux_command("rollback", name, "--to", released.after[name], "--yes") == 0
    assert released.live() == released.after
    assert "RolledBackSync" in released.difference()


def test_a_firing_alarm_refuses_until_the_operator_says_why_it_does_not_count(
    released: Released, screen: Screen
) -> None:
    group = released.aws.deployments.get_deployment_group(
        applicationName="flux-local-lambda", deploymentGroupName="flux-local-sync-deployment"
    )["deploymentGroupInfo"]
    alarm = group["alarmConfiguration"]["alarms"][0]["name"]
    with ringing(released.aws, alarm):
        assert flux_command("rollback", "sync", "--yes") == 1
        refusal = screen.read()
        assert alarm in refusal
        assert "--ignore-alarms" in refusal
        assert released.live() == released.after

        assert flux_command("rollback", "sync", "--yes", "--ignore-alarms", "it rings for this release") == 0
        screen.read()
        assert released.live()["sync"] == released.before["sync"]
    assert flux_command("status", "--json") == 0
    status = json.loads(screen.read())
    assert "it rings for this release" in status["deployments"]["sync"][0]["description"]


@contextmanager
def ringing(aws: Aws, alarm: str) -> Iterator[None]:
    """An alarm that fires until its next evaluation: on AWS up to a minute, here ten seconds."""
    aws.alarms.set_alarm_state(AlarmName=alarm, StateValue="ALARM", StateReason="a test says so")
    try:
        yield
    finally:
        aws.alarms.set_alarm_state(AlarmName=alarm, StateValue="OK", StateReason="a test says so")


@pytest.mark.parametrize(
    ("layer", "to", "complaint"),
    [
        ("api", "999", "version 999 does not exist"),
        ("workers", "1", "./flux rollback sync --to ID"),
        ("site", "no-such-release", "release no-such-release does not exist"),
        ("model", "no-such-configuration", "no such endpoint configuration"),
        ("database", "0000", "may not be undone"),
    ],
)
def test_a_target_that_does_not_exist_is_named_with_what_does(
    released: Released, screen: Screen, layer: str, to: str, complaint: str
) -> None:
    assert flux_command("rollback", layer, "--to", to, "--yes") == 1
    assert complaint in screen.read()
    assert released.schema() == released.schema_after


def test_a_target_that_is_live_already_is_refused(released: Released, screen: Screen) -> None:
    assert flux_command("rollback", "api", "--to", released.after["api"], "--yes") == 1
    assert "it serves that version already" in screen.read()


def test_the_schema_goes_back_one_revision_and_no_further_than_data_allows(released: Released, screen: Screen) -> None:
    assert flux_command("rollback", "database", "--yes") == 0
    assert f"{released.schema_after} -> {released.schema_before}" in screen.read()
    assert released.schema() == released.schema_before
    assert "RolledBackDatabase" in released.difference()

    assert flux_command("rollback", "database", "--to", "0003", "--yes") == 1
    assert "may not be undone" in screen.read()
    assert released.schema() == released.schema_before

    released.deploy("Compute")
    assert released.schema() == released.schema_after
    assert released.live() == released.after
    assert released.difference() == ""


def test_the_site_goes_back_to_the_release_before(released: Released, screen: Screen, tmp_path: Path) -> None:
    site = released.flux.platform.site
    a = site.live()
    assert a is not None
    b = changed(built_site(), tmp_path / "b", release=f"b-{uuid.uuid4().hex[:12]}", mark="B")
    site.publish(b)
    try:
        assert flux_command("rollback", "site", "--yes") == 0
        assert f"{read_manifest(b).release} -> {a.release}" in screen.read()
        live = site.live()
        assert live is not None
        assert live.release == a.release
    finally:
        site.rollback(a.release)


def test_the_model_goes_back_to_the_configuration_before(released: Released, screen: Screen) -> None:
    assert flux_command("rollback", "model", "--yes") == 1
    assert "an ephemeral environment keeps none" in screen.read()

    earlier, known = serving(released.aws), configurations(released.aws)
    amend_template(
        released.aws, DeployedStack.read(released.aws, "Ml"), marks={"Test": "a newer model"}, edit=add_model
    )
    (later,) = configurations(released.aws) - known
    assert flux_command("rollback", "model", "--to", later, "--yes") == 0
    assert serving(released.aws) == later
    screen.read()

    assert flux_command("rollback", "model", "--yes") == 0
    assert f"{later} -> {earlier}" in screen.read()
    assert serving(released.aws) == earlier
    assert "RolledBackModel" in released.difference()
    released.deploy("Ml")
    assert serving(released.aws) == earlier
    assert released.difference() == ""


def add_model(resources: Section) -> list[str]:
    """Add a second pair of model and endpoint configuration, as a later release would."""
    kinds = ("AWS::SageMaker::Model", "AWS::SageMaker::EndpointConfig")
    added = {f"{name}Later": resource for name, resource in resources.items() if resource["Type"] in kinds}
    resources.update(added)
    return list(added)


def serving(aws: Aws) -> str:
    return aws.sagemaker.describe_endpoint(EndpointName="flux-local-forecast")["EndpointConfigName"]


def configurations(aws: Aws) -> set[str]:
    return {config["EndpointConfigName"] for config in configs(aws)}
