"""The recipe of docs/changing-flux.md for a worker: what is written, and all that follows from it."""

import json
import shutil
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import cast

import pytest
from aws_cdk import Duration
from aws_cdk import aws_events as events
from aws_cdk.assertions import Match
from aws_cdk.aws_kms import IKey
from constructs import Construct

from flux_infra.compute import stack as compute
from flux_infra.compute.context import FunctionContext
from flux_infra.compute.functions import FluxFunctions
from flux_infra.compute.queues import FluxQueues
from flux_infra.config import FUNCTIONS, FluxConfig, Functions, Worker, function_settings
from flux_infra.environments import DEV
from flux_infra.ml.endpoint import ForecastEndpoint
from tests.infra.placeholders import write_placeholders
from tests.infra.templates import PROJECT, Templates, properties, whole

pytestmark = pytest.mark.slow

SETTINGS = """
class ReportsSettings(DatabaseSettings):
    reports_queue_url: Name
    assets_bucket: Name
"""


SIZE = Worker(memory_mib=512, timeout_seconds=60, concurrency=3, polled_concurrency=2)


@dataclass(frozen=True, kw_only=True)
class FunctionsWithReports(Functions):
    reports: Worker = SIZE


class QueuesWithReports(FluxQueues):
    def __init__(self, scope: Construct, construct_id: str, *, config: FluxConfig, key: IKey) -> None:
        super().__init__(scope, construct_id, config=config, key=key)
        self.reports = self._queue(
            "Reports",
            name="reports",
            worker=cast("FunctionsWithReports", config.functions).reports,
            longest_wait=Duration.hours(12),
            late="Restaurants do not have last week's report.",
        )
        mondays = events.Schedule.cron(minute="0", hour="6", week_day="MON")
        self._tick("Weekly", mondays, self.reports, "reports.tick", purpose="last week's reports")


class FunctionsAndReports(FluxFunctions):
    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        context: FunctionContext,
        model: ForecastEndpoint,
        queues: QueuesWithReports,
    ) -> None:
        super().__init__(scope, construct_id, context=context, model=model, queues=queues)
        reports = self._function("Reports", "reports", "writes each restaurant's weekly report")
        reports.use_database(context.data.database.functions)
        reports.use_bucket("ASSETS_BUCKET", context.data.assets, prefix="reports")
        reports.use_queue(queues.reports)
        reports.add_queue_trigger(queues.reports)


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Return the settings of the new worker, in a folder of functions like lambdas/."""
    for path in (PROJECT / "lambdas").glob("*/settings.py"):
        (tmp_path / path.parent.name).mkdir()
        shutil.copy(path, tmp_path / path.parent.name)
    (tmp_path / "reports").mkdir()
    (tmp_path / "reports" / "settings.py").write_text(SETTINGS)
    monkeypatch.setattr(function_settings, "LAMBDAS", tmp_path)
    monkeypatch.setattr(compute, "FluxQueues", QueuesWithReports)
    monkeypatch.setattr(compute, "FluxFunctions", FunctionsAndReports)
    function_settings.read_classes.cache_clear()
    yield tmp_path / "reports" / "settings.py"
    function_settings.read_classes.cache_clear()


def synthesize(folder: Path) -> Templates:
    sizes = {name: getattr(DEV.functions, name) for name in ("api", "webhook", "sync", "forecast")}
    config = replace(DEV, functions=FunctionsWithReports(**sizes))
    artifacts = write_placeholders(folder, functions=(*FUNCTIONS, "reports"))
    return Templates.synthesize(config, artifacts=artifacts, outdir=folder / "cdk.out")


def test_a_worker_gets_everything_else_by_itself(settings: Path, tmp_path: Path) -> None:
    del settings
    made = synthesize(tmp_path)
    alarms = {
        cast("str", each["AlarmName"]).removeprefix("flux-dev-")
        for each in properties(made.monitoring, "AWS::CloudWatch::Alarm")
    }
    outputs = cast("dict[str, object]", whole(made.compute)["Outputs"])
    (gate,) = (
        each
        for each in properties(made.compute, "AWS::Lambda::Function")
        if "GATED_FUNCTIONS" in json.dumps(each["Environment"])
    )
    (dashboard,) = properties(made.monitoring, "AWS::CloudWatch::Dashboard")  # dev has one, with everything

    assert {"reports-age", "reports-dead-letters", "reports-throttles"} <= alarms
    assert {"ReportsQueueUrl", "ReportsDeadLettersUrl", "ReportsFunctionName", "WeeklyRuleName"} <= set(outputs)
    assert '\\":\\"reports\\"' in json.dumps(gate["Environment"])
    assert '"reports' in json.dumps(dashboard).replace("\\", "")
    made.compute.has_resource_properties(
        "AWS::CodeDeploy::DeploymentGroup", {"DeploymentGroupName": "flux-dev-reports-deployment"}
    )
    made.compute.has_resource_properties("AWS::Events::Rule", {"ScheduleExpression": "cron(0 6 ? * MON *)"})
    made.compute.has_resource_properties(
        "AWS::Lambda::EventSourceMapping", {"ScalingConfig": {"MaximumConcurrency": 2}}
    )
    made.compute.has_resource_properties(
        "AWS::CloudWatch::Alarm", {"AlarmName": Match.string_like_regexp("flux-dev-reports-release.*")}
    )


def test_a_variable_that_its_settings_do_not_declare_fails_synthesis(settings: Path, tmp_path: Path) -> None:
    settings.write_text(SETTINGS.replace("assets_bucket", "bucket"))

    with pytest.raises(RuntimeError) as failure:
        synthesize(tmp_path)

    assert "function reports: ASSETS_BUCKET is set, but its Settings do not declare it" in str(failure.value)
    assert "function reports: BUCKET is not set; set it where flux_infra builds the function" in str(failure.value)


def test_every_function_stands_in_the_import_contracts() -> None:
    linter = tomllib.loads((PROJECT / "pyproject.toml").read_text())["tool"]["importlinter"]
    (independent,) = (each for each in linter["contracts"] if each["type"] == "independence")
    (below,) = (
        each
        for each in linter["contracts"]
        if "flux_core" in each.get("source_modules", ()) and "flux_infra" in each["forbidden_modules"]
    )
    functions = set(FUNCTIONS)

    assert set(independent["modules"]) == functions
    assert functions <= set(below["source_modules"])
