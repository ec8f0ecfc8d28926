"""A new model's canary on this machine: whose turn it is, and when alarms take it back."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from local_aws.serving.canary import Guardrails, Turns
from local_aws.serving.container import Container
from local_aws.serving.endpoints import Described, Endpoint
from local_aws.values import Json, Properties

from .test_serving import model

DEPLOYMENT: dict[str, Json] = {
    "BlueGreenUpdatePolicy": {
        "TrafficRoutingConfiguration": {
            "Type": "CANARY",
            "CanarySize": {"Type": "CAPACITY_PERCENT", "Value": "50"},
            "WaitIntervalInSeconds": 600,
        }
    },
    "AutoRollbackConfiguration": {"Alarms": [{"AlarmName": "errors"}, {"AlarmName": "latency"}]},
}


def make_endpoint(folder: Path, config: str) -> Endpoint:
    told: dict[str, Json] = {"ProductionVariants": [{"VariantName": "primary", "ModelName": config}]}
    container = Container(Path(sys.executable), folder / config, artifact=model(), environment={})
    return Endpoint(
        name="forecast", config=Described(name=config, told=Properties(told)), container=container, folder=folder
    )


@pytest.fixture
def serving(tmp_path: Path) -> Iterator[Endpoint]:
    endpoint = make_endpoint(tmp_path, "old")
    yield endpoint
    endpoint.stop()


def test_the_new_model_gets_its_share_evenly_spread() -> None:
    half, tenth = Turns(50), Turns(10)
    assert [half.new() for _ in range(6)] == [False, True] * 3
    assert [number for number in range(30) if tenth.new()] == [9, 19, 29]


def test_an_endpoint_answers_by_itself_but_for_its_canarys_turns(serving: Endpoint, tmp_path: Path) -> None:
    assert [serving.answering().config.name for _ in range(2)] == ["old", "old"]
    serving.canary = (make_endpoint(tmp_path, "new"), Turns(50))
    assert [serving.answering().config.name for _ in range(4)] == ["old", "new", "old", "new"]


def test_the_first_alarm_that_fires_ends_the_canary() -> None:
    guardrails = Guardrails(percent=50, wait_seconds=3_600, alarms=("errors", "latency"))
    assert guardrails.firing(lambda name: name == "latency") == "latency"


def test_a_canary_ends_well_when_its_time_is_over_and_no_alarm_fired() -> None:
    guardrails = Guardrails(percent=50, wait_seconds=0, alarms=("errors", "latency"))
    assert guardrails.firing(lambda name: name == "another") is None


def test_a_deployment_configuration_is_read_as_a_template_gives_it() -> None:
    assert Guardrails.of(Properties(DEPLOYMENT)) == Guardrails(
        percent=50, wait_seconds=600, alarms=["errors", "latency"]
    )


def test_without_a_canary_all_requests_move_at_once() -> None:
    assert Guardrails.of(Properties({})) is None


def test_a_canary_counted_in_instances_is_refused() -> None:
    routing: Json = {"Type": "CANARY", "CanarySize": {"Type": "INSTANCE_COUNT", "Value": 1}}
    policy: Json = {"TrafficRoutingConfiguration": routing}
    with pytest.raises(ValueError, match="INSTANCE_COUNT"):
        Guardrails.of(Properties({"BlueGreenUpdatePolicy": policy}))
