import json
import re
from dataclasses import replace
from typing import cast

import pytest
from aws_cdk.assertions import Match

from flux_infra.config import RELEASED_FUNCTIONS, BypassedAlarms, ReleasedFunction
from flux_infra.constructs.artifacts import BuiltArtifacts
from tests.infra.templates import Resource, Templates, properties, resources

ALIAS = "AWS::Lambda::Alias"
ALARM = "AWS::CloudWatch::Alarm"
GROUP = "AWS::CodeDeploy::DeploymentGroup"
RELEASED = tuple(name.capitalize() for name in RELEASED_FUNCTIONS)
STRANGERS_CALL = ("Api", "Webhook", "Authorizer")


def alias(templates: Templates, function: str) -> Resource:
    return resources(templates.compute, ALIAS)[
        next(name for name in resources(templates.compute, ALIAS) if name.startswith(f"Functions{function}Live"))
    ]


def alarm(templates: Templates, name: str) -> Resource:
    full_name = f"flux-{templates.config.name}-{name}"
    (found,) = (a for a in properties(templates.compute, ALARM) if a["AlarmName"] == full_name)
    return found


def dimensions(found: Resource) -> dict[str, str]:
    """Return an alarm's dimensions, each value as JSON."""
    return {
        cast("str", d["Name"]): json.dumps(d["Value"]) for d in cast("list[dict[str, object]]", found["Dimensions"])
    }


def test_one_application_has_a_group_for_each_function_that_takes_traffic(environment: Templates) -> None:
    name = environment.config.name

    environment.compute.has_resource_properties(
        "AWS::CodeDeploy::Application", {"ApplicationName": f"flux-{name}-lambda", "ComputePlatform": "Lambda"}
    )
    assert {group["DeploymentGroupName"] for group in properties(environment.compute, GROUP)} == {
        f"flux-{name}-{function.lower()}-deployment" for function in RELEASED
    }


@pytest.mark.parametrize(
    ("name", "configuration"),
    [
        ("local", "CodeDeployDefault.LambdaCanary10Percent5Minutes"),
        ("dev", "CodeDeployDefault.LambdaAllAtOnce"),
        ("staging", "CodeDeployDefault.LambdaCanary10Percent10Minutes"),
        ("prod", "CodeDeployDefault.LambdaCanary10Percent10Minutes"),
    ],
)
def test_traffic_moves_as_the_environment_says(name: str, configuration: str, request: pytest.FixtureRequest) -> None:
    templates: Templates = request.getfixturevalue(name)

    templates.compute.all_resources_properties(GROUP, {"DeploymentConfigName": configuration})


def test_a_release_that_fails_stops_or_alarms_is_rolled_back(environment: Templates) -> None:
    environment.compute.all_resources_properties(
        GROUP,
        {
            "AutoRollbackConfiguration": {
                "Enabled": True,
                "Events": ["DEPLOYMENT_FAILURE", "DEPLOYMENT_STOP_ON_REQUEST", "DEPLOYMENT_STOP_ON_ALARM"],
            },
            "AlarmConfiguration": Match.object_like({"Enabled": True}),
        },
    )


@pytest.mark.parametrize("function", RELEASED)
def test_an_alias_moves_through_codedeploy_and_past_the_release_gate(environment: Templates, function: str) -> None:
    update = cast("Resource", alias(environment, function)["UpdatePolicy"])
    release = cast("Resource", update["CodeDeployLambdaAliasUpdate"])

    assert f"Releases{function}Group" in json.dumps(release["DeploymentGroupName"])
    for hook in ("BeforeAllowTrafficHook", "AfterAllowTrafficHook"):
        assert "FunctionsReleaseGateFunction" in json.dumps(release[hook])


@pytest.mark.parametrize("function", ["Migrate", "ReleaseGate"])
def test_functions_without_traffic_move_at_once(environment: Templates, function: str) -> None:
    assert "UpdatePolicy" not in alias(environment, function)


def metrics(found: Resource, *, period: int = 60) -> dict[str, Resource]:
    """Return an alarm's metrics on which its expression computes, by id; each with its namespace and name."""
    stats = {
        cast("str", query["Id"]): cast("Resource", query["MetricStat"])
        for query in cast("list[Resource]", found["Metrics"])
        if "MetricStat" in query
    }
    assert {(stat["Period"], stat["Stat"]) for stat in stats.values()} == {(period, "Sum")}
    return {name: cast("Resource", stat["Metric"]) for name, stat in stats.items()}


def expression(found: Resource) -> str:
    (judged,) = (query for query in cast("list[Resource]", found["Metrics"]) if "Expression" in query)
    return cast("str", judged["Expression"])


@pytest.mark.parametrize("function", RELEASED)
def test_errors_must_be_both_many_and_a_share_of_the_executed_versions_invocations(
    environment: Templates, function: str
) -> None:
    found = alarm(environment, f"{function.lower()}-release-errors")

    assert expression(found) == (
        f"IF(failures >= {environment.config.rollback_errors}, 100 * failures / invocations, 0)"
    )
    assert found["Threshold"] == environment.config.rollback_error_percent
    assert found["ComparisonOperator"] == "GreaterThanOrEqualToThreshold"
    assert found["TreatMissingData"] == "notBreaching"
    assert {name: (metric["Namespace"], metric["MetricName"]) for name, metric in metrics(found).items()} == {
        "failures": ("AWS/Lambda", "Errors"),
        "invocations": ("AWS/Lambda", "Invocations"),
    }
    for metric in metrics(found).values():
        assert set(dimensions(metric)) == {"FunctionName", "Resource", "ExecutedVersion"}
        assert dimensions(metric)["Resource"].endswith('":live"]]}')
        assert f"Functions{function}FunctionCurrentVersion" in dimensions(metric)["ExecutedVersion"]


@pytest.mark.parametrize("function", RELEASED)
def test_few_failures_that_go_on_are_seen_where_a_minute_is_too_short(environment: Templates, function: str) -> None:
    rule = environment.config.release_thresholds.sustained
    found = alarm(environment, f"{function.lower()}-release-errors-sustained")

    assert found["Threshold"] == rule.count
    assert expression(found) == f"failures - {rule.tolerated_share} * invocations"
    for metric in metrics(found, period=rule.window_seconds).values():
        assert f"Functions{function}FunctionCurrentVersion" in dimensions(metric)["ExecutedVersion"]


def test_answers_of_500_of_the_apis_executed_version_are_counted_and_compared(environment: Templates) -> None:
    burst = alarm(environment, "api-release-server-errors")
    sustained = alarm(environment, "api-release-server-errors-sustained")

    for found, period in ((burst, 60), (sustained, environment.config.release_thresholds.sustained.window_seconds)):
        used = metrics(found, period=period)
        assert {name: (metric["Namespace"], metric["MetricName"]) for name, metric in used.items()} == {
            "failures": ("Flux", "ServerErrors"),
            "invocations": ("Flux", "Requests"),  # not of Lambda: strangers' would hide what owners get
        }
        for metric in used.values():
            assert set(dimensions(metric)) == {"FunctionName", "ExecutedVersion"}
            assert "FunctionsApiFunctionCurrentVersion" in dimensions(metric)["ExecutedVersion"]


@pytest.mark.parametrize("function", RELEASED)
def test_a_slow_tail_of_the_executed_version_is_seen(environment: Templates, function: str) -> None:
    found = alarm(environment, f"{function.lower()}-release-latency")
    size = cast("ReleasedFunction", getattr(environment.config.functions, function.lower()))

    of_owners = function == "Api"
    assert (found["Namespace"], found["MetricName"]) == (
        ("Flux", "Latency") if of_owners else ("AWS/Lambda", "Duration")
    )
    assert (found["ExtendedStatistic"], found["Period"]) == ("p99", 60)
    assert found["Threshold"] == size.release_p99_seconds * 1000
    named = {"FunctionName", "ExecutedVersion"}
    assert set(dimensions(found)) == (named if of_owners else named | {"Resource"})


def test_an_owner_waits_a_second_for_the_api_and_nobody_for_the_workers(prod: Templates, staging: Templates) -> None:
    for templates in (prod, staging):
        assert alarm(templates, "api-release-latency")["Threshold"] == 1_000
        assert alarm(templates, "sync-release-latency")["Threshold"] == 15_000  # a quarter of its timeout


@pytest.mark.parametrize("function", STRANGERS_CALL)
def test_who_floods_a_function_stops_no_release_of_it(environment: Templates, function: str) -> None:
    name = f"flux-{environment.config.name}-{function.lower()}-release-throttles"
    assert name not in {found["AlarmName"] for found in properties(environment.compute, ALARM)}


@pytest.mark.parametrize("function", [name for name in RELEASED if name not in STRANGERS_CALL])
def test_throttles_are_the_aliases_because_what_was_throttled_ran_no_version(
    environment: Templates, function: str
) -> None:
    found = alarm(environment, f"{function.lower()}-release-throttles")

    assert (found["MetricName"], found["Period"]) == ("Throttles", 60)
    assert set(dimensions(found)) == {"FunctionName", "Resource"}


@pytest.mark.parametrize("function", ["Webhook", "Sync"])
def test_work_that_the_executed_version_promised_and_did_not_do_is_seen(environment: Templates, function: str) -> None:
    found = alarm(environment, f"{function.lower()}-release-lost-work")

    assert expression(found) == (
        f"IF(promised - kept >= {environment.config.rollback_errors}, 100 * (promised - kept) / promised, 0)"
    )
    assert found["Threshold"] == environment.config.rollback_error_percent
    assert {name: (metric["Namespace"], metric["MetricName"]) for name, metric in metrics(found).items()} == {
        "promised": ("Flux", "WorkPromised"),
        "kept": ("Flux", "WorkKept"),
    }
    for metric in metrics(found).values():
        assert set(dimensions(metric)) == {"FunctionName", "ExecutedVersion"}
        assert f"Functions{function}FunctionCurrentVersion" in dimensions(metric)["ExecutedVersion"]


@pytest.mark.parametrize("function", RELEASED)
def test_memory_is_seen_to_run_out_before_lambda_ends_an_instance(environment: Templates, function: str) -> None:
    found = alarm(environment, f"{function.lower()}-release-memory")
    size = cast("ReleasedFunction", getattr(environment.config.functions, function.lower()))

    assert (found["Namespace"], found["MetricName"], found["Statistic"]) == ("Flux", "MemoryUsed", "Maximum")
    assert found["Threshold"] == environment.config.release_thresholds.memory_percent * size.memory_mib / 100
    assert set(dimensions(found)) == {"FunctionName", "ExecutedVersion"}


def test_people_who_get_errors_stop_every_release(environment: Templates) -> None:
    found = alarm(environment, "release-api-5xx")

    assert {name: (metric["Namespace"], set(dimensions(metric))) for name, metric in metrics(found).items()} == {
        "failures": ("Flux", {"FunctionName", "Resource"}),
        "invocations": ("Flux", {"FunctionName", "Resource"}),
    }


@pytest.mark.parametrize("function", RELEASED)
def test_each_group_watches_the_alarms_of_its_own_function_and_of_people_who_get_errors(
    environment: Templates, function: str
) -> None:
    watched = cast("Resource", group(environment, function)["AlarmConfiguration"])
    names = [cast("dict[str, str]", each["Name"])["Ref"] for each in cast("list[Resource]", watched["Alarms"])]

    own = f"Releases{function}Alarms"
    failures = ("Errors", *(("ServerErrors",) if function == "Api" else ()))
    assert watched["Enabled"] is True
    assert sorted(re.sub(r"[0-9A-F]{8}$", "", name) for name in names) == sorted(
        [
            *(own + name for name in failures),
            *(f"{own}{name}Sustained" for name in failures),
            own + "Latency",
            *(() if function in STRANGERS_CALL else (own + "Throttles",)),
            own + "Memory",
            *([own + "LostWork"] if function in ("Webhook", "Sync") else []),
            "ReleasesUsersHurt",
        ]
    )


def test_codedeploy_watches_metric_alarms_only_and_ten_at_most(environment: Templates) -> None:
    """Its guide speaks of alarms on metrics, and DescribeAlarms leaves composite ones out unless asked for them."""
    metric_alarms = resources(environment.compute, ALARM)

    for found in properties(environment.compute, GROUP):
        watched = cast("list[Resource]", cast("Resource", found["AlarmConfiguration"])["Alarms"])
        assert 0 < len(watched) <= 10
        assert all(cast("dict[str, str]", each["Name"])["Ref"] in metric_alarms for each in watched)


def test_every_release_alarm_opens_a_ticket(environment: Templates) -> None:
    config = environment.config

    environment.compute.all_resources_properties(
        ALARM, {"AlarmActions": [f"arn:aws:sns:us-east-1:{config.account}:flux-{config.name}-ticket"]}
    )


def group(templates: Templates, function: str) -> Resource:
    name = f"flux-{templates.config.name}-{function.lower()}-deployment"
    (found,) = (g for g in properties(templates.compute, GROUP) if g["DeploymentGroupName"] == name)
    return found


@pytest.mark.slow
def test_alarms_are_bypassed_with_a_reason_that_stays_visible(
    prod: Templates, artifacts: BuiltArtifacts, tmp_path_factory: pytest.TempPathFactory
) -> None:
    bypassed = Templates.synthesize(
        replace(prod.config, bypassed_alarms=BypassedAlarms.of("mends the 500s of version 412!")),
        artifacts=artifacts,
        outdir=tmp_path_factory.mktemp("bypass"),
    )

    for function in RELEASED:
        found = group(bypassed, function)
        watched = cast("Resource", found["AlarmConfiguration"])
        assert watched["Enabled"] is False
        assert watched["Alarms"]  # still attached
        assert {"Key": "BypassedAlarms", "Value": "mends the 500s of version 412_"} in cast(
            "list[object]", found["Tags"]
        )
        assert cast("Resource", alias(bypassed, function)["UpdatePolicy"]) == alias(prod, function)["UpdatePolicy"]
    assert not any("BypassedAlarms" in json.dumps(found) for found in properties(prod.compute, GROUP))


@pytest.mark.parametrize("function", RELEASED)
def test_no_alias_moves_before_the_schema_its_guards_and_what_they_may_do_and_its_network_rules(
    environment: Templates, function: str
) -> None:
    awaited = " ".join(cast("list[str]", alias(environment, function)["DependsOn"]))

    assert "MigrationsRun" in awaited
    assert f"Releases{function}Group" in awaited
    assert f"Releases{function}RoleDefaultPolicy" in awaited
    assert "FunctionsReleaseGateRoleDefaultPolicy" in awaited
    if environment.config.network.interface_endpoints is True:  # elsewhere the one rule is a part of the group itself
        assert f"Functions{function}SecurityGroupto" in awaited


def test_a_worker_polls_its_queue_only_after_the_schema_is_there(environment: Templates) -> None:
    for mapping in resources(environment.compute, "AWS::Lambda::EventSourceMapping").values():
        assert any(name.startswith("MigrationsRun") for name in cast("list[str]", mapping["DependsOn"]))


def test_the_migrate_function_itself_does_not_wait_for_migrations(environment: Templates) -> None:
    assert "MigrationsRun" not in json.dumps(alias(environment, "Migrate"))


def test_migrations_run_through_the_live_alias_and_give_up_soon_after_the_function_must_have(
    environment: Templates,
) -> None:
    environment.compute.has_resource_properties(
        "Custom::Migrations",
        {
            "ServiceToken": {"Ref": Match.string_like_regexp("^FunctionsMigrateLive")},
            "ServiceTimeout": str(environment.config.functions.migrate.timeout_seconds + 60),
            "Migrations": "placeholder-migrations-1",
        },
    )


def test_a_migration_never_starts_after_cloudformation_gave_up(environment: Templates) -> None:
    (config_id,) = resources(environment.compute, "AWS::Lambda::EventInvokeConfig")
    (run,) = resources(environment.compute, "Custom::Migrations").values()

    environment.compute.has_resource_properties(
        "AWS::Lambda::EventInvokeConfig",
        {"MaximumRetryAttempts": 0, "MaximumEventAgeInSeconds": 60},
    )
    (invocation,) = properties(environment.compute, "AWS::Lambda::EventInvokeConfig")
    assert "FunctionsMigrateLive" in json.dumps(invocation["Qualifier"])
    assert config_id in cast("list[str]", run["DependsOn"])


@pytest.mark.slow
def test_new_code_makes_new_versions_behind_the_same_aliases(prod: Templates, next_release: Templates) -> None:
    def ids(templates: Templates, kind: str) -> set[str]:
        return set(resources(templates.compute, kind))

    assert ids(prod, "AWS::Lambda::Version").isdisjoint(ids(next_release, "AWS::Lambda::Version"))
    assert ids(prod, ALIAS) == ids(next_release, ALIAS)
    assert properties(prod.compute, "Custom::Migrations") == properties(next_release.compute, "Custom::Migrations")
