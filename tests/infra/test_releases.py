import json
from typing import cast

import pytest
from aws_cdk.assertions import Match

from tests.infra.placeholder_artifacts import PlaceholderArtifacts
from tests.infra.templates import Resource, Templates, properties, resources

ALIAS = "AWS::Lambda::Alias"
ALARM = "AWS::CloudWatch::Alarm"
GROUP = "AWS::CodeDeploy::DeploymentGroup"
RELEASED = ("Api", "Webhook", "Sync", "Forecast")


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


def test_a_release_that_fails_stops_or_alarms_is_taken_back(environment: Templates) -> None:
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


@pytest.mark.parametrize("function", RELEASED)
def test_errors_of_the_executed_version_stop_its_release(environment: Templates, function: str) -> None:
    found = alarm(environment, f"{function.lower()}-release-errors")

    assert (found["Namespace"], found["MetricName"], found["Statistic"]) == ("AWS/Lambda", "Errors", "Sum")
    assert found["Period"] == 60
    assert found["Threshold"] == environment.config.rollback_errors
    assert found["TreatMissingData"] == "notBreaching"
    assert set(dimensions(found)) == {"FunctionName", "Resource", "ExecutedVersion"}
    assert dimensions(found)["Resource"].endswith('":live"]]}')
    assert f"Functions{function}FunctionCurrentVersion" in dimensions(found)["ExecutedVersion"]


def test_answers_of_500_stop_a_release_of_the_api(environment: Templates) -> None:
    found = alarm(environment, "api-release-server-errors")

    assert (found["Namespace"], found["MetricName"], found["Statistic"]) == ("Flux", "ServerErrors", "Sum")
    assert found["Period"] == 60
    assert set(dimensions(found)) == {"FunctionName", "ExecutedVersion"}
    assert "FunctionsApiFunctionCurrentVersion" in dimensions(found)["ExecutedVersion"]


def test_release_alarms_speak_to_the_alerts_topic(environment: Templates) -> None:
    config = environment.config

    environment.compute.all_resources_properties(
        ALARM, {"AlarmActions": [f"arn:aws:sns:us-east-1:{config.account}:flux-{config.name}-alerts"]}
    )


@pytest.mark.parametrize("function", RELEASED)
def test_each_group_watches_the_alarms_of_its_own_function(environment: Templates, function: str) -> None:
    (group,) = (
        g
        for g in properties(environment.compute, GROUP)
        if g["DeploymentGroupName"] == f"flux-{environment.config.name}-{function.lower()}-deployment"
    )
    watched = cast("list[object]", cast("Resource", group["AlarmConfiguration"])["Alarms"])

    assert all(f"Releases{function}Alarms" in json.dumps(name) for name in watched)
    assert len(watched) == (2 if function == "Api" else 1)


@pytest.mark.parametrize("function", RELEASED)
def test_no_alias_moves_before_the_schema_its_guards_and_its_network_rules(
    environment: Templates, function: str
) -> None:
    awaited = " ".join(cast("list[str]", alias(environment, function)["DependsOn"]))

    assert "MigrationsRun" in awaited
    assert f"Releases{function}Group" in awaited
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


def test_new_code_makes_new_versions_behind_the_same_aliases(
    prod: Templates, artifacts: PlaceholderArtifacts, tmp_path_factory: pytest.TempPathFactory
) -> None:
    released = Templates.synthesize(
        prod.config,
        artifacts=PlaceholderArtifacts(folder=artifacts.folder, release="2"),
        outdir=tmp_path_factory.mktemp("release"),
    )

    def ids(templates: Templates, kind: str) -> set[str]:
        return set(resources(templates.compute, kind))

    assert ids(prod, "AWS::Lambda::Version").isdisjoint(ids(released, "AWS::Lambda::Version"))
    assert ids(prod, ALIAS) == ids(released, ALIAS)
    assert properties(prod.compute, "Custom::Migrations") == properties(released.compute, "Custom::Migrations")
