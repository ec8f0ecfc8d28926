"""`flux ops` on the deployed local AWS: what is live, and each layer taken back and brought forth again."""

import json
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from flux_infra.local import machine
from flux_infra.local.console import say
from flux_infra.local.proof.releases import Change, build, load
from flux_infra.local.toolkit import STAGE, Assembly
from flux_infra.ops.__main__ import main
from flux_infra.ops.aws import Aws, connect, find_environment
from flux_infra.ops.record import Section, amend
from flux_infra.ops.releases import RELEASED, LiveFunction
from flux_infra.ops.stacks import DeployedStack
from tests.system.conftest import Flux

# Every function's bundle holds this file, so all of them are released.
EVERYWHERE = Change(
    name="everywhere",
    file="lambdas/flux_core/logs.py",
    before='"""The log: one JSON object a line',
    after='"""The log, once more: one JSON object a line',
)


@dataclass(frozen=True, kw_only=True)
class Released:
    """The platform after a release of all functions; before, after: versions that `live` named."""

    flux: Flux
    aws: Aws
    before: dict[str, str]
    after: dict[str, str]

    def live(self) -> dict[str, str]:
        return live(self.aws)

    def difference(self) -> str:
        """What the ordinary `cdk diff` says of the release that is deployed; "" for nothing."""
        return Assembly(folder=machine.STATE / "ops-assembly").difference() or ""

    def deploy(self, layer: str) -> None:
        """Deploy the very same code once more."""
        Assembly(folder=machine.STATE / "ops-assembly").deploy(f"{STAGE}/{layer}")


@pytest.fixture(scope="module")
def released(flux: Flux) -> Iterator[Released]:
    aws = connect(find_environment("local"))
    before = live(aws)
    assembly = Assembly.synthesize(machine.STATE / "ops-assembly", artifacts=build(EVERYWHERE))
    assembly.deploy(f"{STAGE}/Compute")
    yield Released(flux=flux, aws=aws, before=before, after=live(aws))
    own = Assembly(folder=machine.ASSEMBLY)
    own.deploy(f"{STAGE}/Ml")
    own.deploy(f"{STAGE}/Compute")
    assert own.difference() is None


def live(aws: Aws) -> dict[str, str]:
    compute = DeployedStack.read(aws, "Compute")
    return {name: LiveFunction.read(aws, compute, name).version for name in RELEASED}


def show(capsys: pytest.CaptureFixture[str], *lines: str) -> None:
    """Print what was measured, for whoever runs the tests with -s."""
    with capsys.disabled():
        for line in lines:
            say(line)


def flux_ops(*arguments: str) -> int:
    return main(["ops", *arguments, "--env", "local"])


def test_status_tells_what_is_live_in_each_layer_and_how_it_came_there(
    released: Released, capsys: pytest.CaptureFixture[str]
) -> None:
    assert flux_ops("status", "--json") == 0
    status = json.loads(capsys.readouterr().out)
    layers = {layer["name"]: layer for layer in status["layers"]}
    assert {name: layers[name]["live"] for name in RELEASED} == {
        name: f"version {version}" for name, version in released.after.items()
    }
    assert all(layers[name]["since"] for name in (*RELEASED, "model"))
    assert layers["database"]["live"].startswith("revision 0")
    newest = status["deployments"]["sync"][0]
    assert (newest["status"], newest["target"]) == ("Succeeded", released.after["sync"])
    assert status["marks"] == {}

    assert flux_ops("status") == 0
    page = capsys.readouterr().out
    show(capsys, page)
    assert f"version {released.after['api']}" in page
    assert newest["identifier"] in page


def test_the_api_goes_back_without_one_failed_request_and_the_next_diff_says_so(
    released: Released, capsys: pytest.CaptureFixture[str]
) -> None:
    before, after = released.before["api"], released.after["api"]
    with load(released.flux.platform, released.flux.demo) as back:
        assert flux_ops("rollback", "api", "--yes") == 0
    said = capsys.readouterr().out
    show(capsys, said, f"{back.failed} of {back.total} requests failed")
    assert f"{after} -> {before}" in said
    assert released.live() == released.after | {"api": before}
    assert (back.failed, back.total > 0) == (0, True)

    difference = released.difference()
    show(capsys, difference)
    assert "RolledBackApi" in difference
    assert "FunctionVersion" in difference
    assert flux_ops("status") == 0
    assert f"api {after} -> {before}" in capsys.readouterr().out

    with load(released.flux.platform, released.flux.demo) as forth:
        released.deploy("Compute")
    show(capsys, f"{forth.failed} of {forth.total} requests failed")
    assert forth.failed == 0
    assert released.live() == released.after
    assert released.difference() == ""


def test_both_workers_go_back_together(released: Released, capsys: pytest.CaptureFixture[str]) -> None:
    assert flux_ops("rollback", "workers", "--yes") == 0
    show(capsys, capsys.readouterr().out)
    gone_back = {name: released.before[name] for name in ("sync", "forecast")}
    assert released.live() == released.after | gone_back
    # Forth again by version, which is a rollback too, and leaves its mark.
    assert flux_ops("rollback", "sync", "--to", released.after["sync"], "--yes") == 0
    assert released.live()["sync"] == released.after["sync"]
    released.deploy("Compute")
    assert released.live() == released.after
    assert released.difference() == ""


def test_a_firing_alarm_refuses_until_the_operator_says_why_it_does_not_count(
    released: Released, capsys: pytest.CaptureFixture[str]
) -> None:
    group = released.aws.deployments.get_deployment_group(
        applicationName="flux-local-lambda", deploymentGroupName="flux-local-webhook-deployment"
    )["deploymentGroupInfo"]
    alarm = group["alarmConfiguration"]["alarms"][0]["name"]
    released.aws.alarms.set_alarm_state(AlarmName=alarm, StateValue="ALARM", StateReason="a test says so")
    assert flux_ops("rollback", "webhook", "--yes") == 1
    refusal = capsys.readouterr().err
    assert alarm in refusal
    assert "--ignore-alarms" in refusal
    assert released.live() == released.after

    released.aws.alarms.set_alarm_state(AlarmName=alarm, StateValue="ALARM", StateReason="a test says so")
    assert flux_ops("rollback", "webhook", "--yes", "--ignore-alarms", "it rings for this release") == 0
    assert released.live()["webhook"] == released.before["webhook"]
    assert flux_ops("status", "--json") == 0
    status = json.loads(capsys.readouterr().out.partition("{")[2].join(["{", ""]))
    assert "it rings for this release" in status["deployments"]["webhook"][0]["description"]
    released.aws.alarms.set_alarm_state(AlarmName=alarm, StateValue="OK", StateReason="a test says so")
    released.deploy("Compute")


@pytest.mark.parametrize(
    ("layer", "to", "complaint"),
    [
        ("api", "999", "version 999 does not exist"),
        ("workers", "1", "flux ops rollback sync --to ID"),
        ("model", "no-such-configuration", "no such endpoint configuration"),
    ],
)
def test_a_wrong_target_is_named_with_its_remedy(
    released: Released, capsys: pytest.CaptureFixture[str], layer: str, to: str, complaint: str
) -> None:
    assert flux_ops("rollback", layer, "--to", to, "--yes") == 1
    assert complaint in capsys.readouterr().err
    assert flux_ops("rollback", "api", "--to", released.after["api"], "--yes") == 1
    assert "it serves that version already" in capsys.readouterr().err


def test_the_model_goes_back_to_the_configuration_before(
    released: Released, capsys: pytest.CaptureFixture[str]
) -> None:
    assert flux_ops("rollback", "model", "--yes") == 1
    assert "a disposable environment keeps none" in capsys.readouterr().err

    earlier = serving(released.aws)
    amend(released.aws, DeployedStack.read(released.aws, "Ml"), subject="Test", mark="a newer model", edit=add_model)
    later = next(name for name in configurations(released.aws) if name != earlier)
    assert flux_ops("rollback", "model", "--to", later, "--yes") == 0
    assert serving(released.aws) == later
    capsys.readouterr()

    assert flux_ops("rollback", "model", "--yes") == 0
    said = capsys.readouterr().out
    show(capsys, said)
    assert f"{later} -> {earlier}" in said
    assert serving(released.aws) == earlier
    assert "RolledBackModel" in released.difference()
    released.deploy("Ml")
    assert serving(released.aws) == earlier


def add_model(resources: Section) -> list[str]:
    """Add a second pair of model and endpoint configuration, as a later release would."""
    added = {}
    for logical_id, resource in resources.items():
        if resource["Type"] in ("AWS::SageMaker::Model", "AWS::SageMaker::EndpointConfig"):
            added[f"{logical_id}Later"] = resource
    resources.update(added)
    return list(added)


def serving(aws: Aws) -> str:
    return aws.sagemaker.describe_endpoint(EndpointName="flux-local-forecast")["EndpointConfigName"]


def configurations(aws: Aws) -> list[str]:
    page = aws.sagemaker.list_endpoint_configs(SortBy="CreationTime", SortOrder="Descending", MaxResults=10)
    return [config["EndpointConfigName"] for config in page["EndpointConfigs"]]
