"""The probe on the deployed platform: its journey succeeds, and fails with its reason while something is broken."""

import base64
import json
from datetime import UTC, datetime, timedelta

from local.platform import Platform, wait_until
from local.proof.faults import FAULTS, failing
from tests.system.conftest import Flux


def run(platform: Platform) -> dict[str, object]:
    """Start the probe as its rule does; returns the line that it writes about the journey."""
    name = platform.outputs["Monitoring.ProbeFunctionName"]
    answer = platform.functions.invoke(FunctionName=name, Qualifier="live", LogType="Tail")
    assert "FunctionError" not in answer
    lines = [json.loads(line) for line in base64.b64decode(answer["LogResult"]).splitlines() if b'"journey ' in line]
    (line,) = lines
    told: dict[str, object] = line
    return told


def counted(platform: Platform, metric: str) -> float:
    """The metric's sum of the last minutes."""
    now = datetime.now(UTC)
    found = platform.alarms.get_metric_statistics(
        Namespace="Flux",
        MetricName=metric,
        Dimensions=[{"Name": "Environment", "Value": "local"}, {"Name": "service", "Value": "probe"}],
        StartTime=now - timedelta(minutes=30),
        EndTime=now + timedelta(minutes=1),
        Period=3600,
        Statistics=["Sum"],
    )["Datapoints"]
    return sum(point["Sum"] for point in found)


def test_a_journey_succeeds_and_is_counted(flux: Flux) -> None:
    before = counted(flux.platform, "JourneysSucceeded")
    line = run(flux.platform)
    assert line["message"] == "journey succeeded", line
    wait_until(
        "the journey is counted", lambda: counted(flux.platform, "JourneysSucceeded") > before or None, seconds=30
    )


def test_a_journey_fails_while_the_database_is_away_and_says_where(flux: Flux) -> None:
    (fault,) = (each for each in FAULTS if str(each) == "PostgreSQL-stopped")
    with failing(fault):
        line = run(flux.platform)
    assert line["message"] == "journey failed"
    failed = line["failed"]
    assert isinstance(failed, dict)
    assert "GET /api/v1/ready: 503 instead of 200" in failed["the API reaches its database and its cache"]
    assert "the site opens, with its scripts" not in failed
    wait_until(
        "journeys succeed again", lambda: run(flux.platform)["message"] == "journey succeeded" or None, seconds=60
    )
