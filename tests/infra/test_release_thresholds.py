"""The thresholds of releases have one source: what is changed there changes in alarms, release gate and simulation."""

import json
from collections.abc import Mapping, Sequence
from copy import deepcopy
from dataclasses import asdict, replace
from typing import cast

import numpy as np
import pytest

from flux_infra.config import FluxConfig
from flux_infra.config.release_thresholds import GateRule, LatencyRule, ReleaseThresholds, SustainedRule
from flux_infra.constructs.artifacts import BuiltArtifacts
from flux_infra.environments import PROD
from local_aws.alarms import Alarm, Metric, Properties
from release_gate.settings import GateSettings
from research.canary.alarms import failing_minutes, failure_alarms
from research.canary.designs import gate_refuses
from research.canary.latency import gate_finds_slow, latency_alarm
from research.canary.traffic import Scenario, Traffic
from tests.infra.templates import Resource, Templates, properties

pytestmark = pytest.mark.slow

# Every one of them another than production's.
OTHER = replace(
    PROD,
    rollback_errors=50,
    rollback_error_percent=30.0,
    release_thresholds=ReleaseThresholds(
        sustained=SustainedRule(window_seconds=120, count=40.5, tolerated_share=0.25),
        latency=LatencyRule(minutes=2),
        gate=GateRule(
            requests=60, refused_at=9, pace_requests=4, pace_factor=1.5, pace_grace_ms=10.0, memory_grace_mib=32
        ),
        customer_errors_percent=40.0,
    ),
)


@pytest.fixture(scope="module")
def other(artifacts: BuiltArtifacts, tmp_path_factory: pytest.TempPathFactory) -> Templates:
    return Templates.synthesize(OTHER, artifacts=artifacts, outdir=tmp_path_factory.mktemp("other"))


def numbers(templates: Templates, alarm: str) -> Mapping[str, object]:
    """Return what decides when one of the api's alarms fires."""
    (found,) = (
        each
        for each in properties(templates.compute, "AWS::CloudWatch::Alarm")
        if each["AlarmName"] == f"flux-prod-{alarm}"
    )
    queries = cast("list[Resource]", found.get("Metrics", []))
    return {
        "threshold": found["Threshold"],
        "periods": found["EvaluationPeriods"],
        "expression": [query["Expression"] for query in queries if "Expression" in query],
        "seconds": {cast("Resource", query["MetricStat"])["Period"] for query in queries if "MetricStat" in query},
    }


def test_the_alarms_are_made_from_them(other: Templates) -> None:
    burst = ["IF(failures >= 50, 100 * failures / invocations, 0)"]
    for alarm, threshold in (("api-release-errors", 30), ("api-release-server-errors", 30), ("release-api-5xx", 40)):
        assert numbers(other, alarm) == {"threshold": threshold, "periods": 1, "expression": burst, "seconds": {60}}
    for alarm in ("api-release-errors-sustained", "api-release-server-errors-sustained"):
        assert numbers(other, alarm) == {
            "threshold": 40.5,
            "periods": 1,
            "expression": ["failures - 0.25 * invocations"],
            "seconds": {120},
        }
    assert numbers(other, "api-release-latency")["periods"] == 2
    assert numbers(other, "sync-release-throttles")["threshold"] == 50


def test_the_release_gate_is_told_them(other: Templates) -> None:
    variables = gate_variables(other)
    told = GateSettings.model_validate(
        {name.lower(): value for name, value in variables.items() if isinstance(value, str)}
        | dict.fromkeys(("token_keys_secret", "square_webhook_secret", "origin_secret"), "-")
        | {"gated_functions": {"flux-api-1": "api"}}
    )
    assert {name: getattr(told, name) for name in asdict(GateRule())} == asdict(OTHER.release_thresholds.gate)


def gate_variables(templates: Templates) -> Mapping[str, object]:
    (gate,) = (
        each
        for each in properties(templates.compute, "AWS::Lambda::Function")
        if "GATED_FUNCTIONS" in json.dumps(each.get("Environment"))
    )
    return cast("Mapping[str, object]", cast("Resource", gate["Environment"])["Variables"])


@pytest.mark.parametrize(
    ("config", "stopped"),
    [
        (PROD, True),
        (replace(PROD, rollback_errors=10_000, release_thresholds=OTHER.release_thresholds), False),
        (OTHER, False),
    ],
    ids=["production's", "no burst", "neither"],
)
def test_the_simulated_alarms_read_them(config: FluxConfig, *, stopped: bool) -> None:
    traffic = Traffic.draw(Scenario(requests_per_second=100, failing_share=0.2), runs=200, seed=1)
    fired = failure_alarms(traffic, config) < np.iinfo(np.int64).max
    assert fired.mean() == pytest.approx(1.0 if stopped else 0.0)


def test_the_simulated_latency_and_gate_read_them() -> None:
    traffic = Traffic.draw(Scenario(requests_per_second=30, failing_share=0.05), runs=500, seed=1)
    first, sooner = (latency_alarm(traffic, config, factor=5, seed=2) for config in (PROD, OTHER))
    assert (sooner <= first).all()
    assert (sooner < first).any()
    asked, less = (config.release_thresholds.gate for config in (PROD, OTHER))
    assert gate_refuses(traffic, less, seed=3).mean() < gate_refuses(traffic, asked, seed=3).mean()
    assert gate_finds_slow(500, less, factor=3, seed=3).mean() > gate_finds_slow(500, asked, factor=3, seed=3).mean()


def evaluated(templates: Templates, alarm: str, failures: Sequence[int], invocations: Sequence[int]) -> list[bool]:
    """Return whether the alarm of the template fires after each of these minutes, as the emulator evaluates it."""
    (found,) = (
        deepcopy(each)
        for each in properties(templates.compute, "AWS::CloudWatch::Alarm")
        if each["AlarmName"] == f"flux-prod-{alarm}"
    )
    for query in cast("list[dict[str, dict[str, Resource]]]", found["Metrics"]):
        query.get("MetricStat", {}).get("Metric", {}).pop("Dimensions", None)  # references; nothing is looked up here
    deployed = Alarm.of(Properties(found))

    def fires(minute: int) -> bool:
        def read(metric: Metric, periods: int) -> list[float | None]:
            assert periods == 1
            series = failures if metric.name == "Errors" else invocations
            return [float(sum(series[max(0, minute + 1 - metric.period // 60) : minute + 1]))]

        return deployed.evaluate(read, "OK", extra=0).state == "ALARM"

    return [fires(minute) for minute in range(len(failures))]


@pytest.mark.parametrize(("rate", "failing"), [(3, 0.1), (30, 0.02), (300, 0.004)])
def test_the_simulated_alarms_breach_in_the_minutes_in_which_the_deployed_ones_do(
    prod: Templates, rate: float, failing: float
) -> None:
    scenario = Scenario(requests_per_second=rate, failing_share=failing, background_share=0.001)
    traffic = Traffic.draw(scenario, runs=40, seed=5)
    failures = traffic.clock.minutes(traffic.by_new_version(traffic.broken + traffic.background))
    invocations = traffic.clock.minutes(traffic.by_new_version(traffic.canary))
    simulated = failing_minutes(traffic, PROD)
    assert 0 < simulated.mean() < 1
    for run in range(traffic.runs):
        burst, lasting = (
            evaluated(prod, alarm, failures[run].tolist(), invocations[run].tolist())
            for alarm in ("api-release-errors", "api-release-errors-sustained")
        )
        assert simulated[run].tolist() == [one or other for one, other in zip(burst, lasting, strict=True)]
