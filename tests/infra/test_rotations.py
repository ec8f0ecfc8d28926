"""Every secret grows no older than configured, and who renews it may touch nothing else."""

import json
from dataclasses import replace
from typing import cast

import pytest

from flux_infra.config import ConfigError, OptOut
from flux_infra.environments import DEV
from rotation.square_webhook import ADDRESS_TO_FILL_IN, SUBSCRIPTION_TO_FILL_IN
from tests.infra.templates import Resource, Templates, properties

SECRETS = {
    "rotate-database-login": "DatabaseFunctions",
    "rotate-database-owner": "DatabaseOwner",
    "rotate-cache-login": "CacheUser",
    "rotate-token-key": "SecretsTokenKeys",
    "rotate-square-webhook": "SecretsSquareWebhook",
}


def secrets_of(environment: Templates) -> dict[str, str]:
    return SECRETS | ({"rotate-probe": "SecretsProbe"} if environment.config.objectives is True else {})


def functions(environment: Templates) -> dict[str, Resource]:
    found = properties(environment.compute, "AWS::Lambda::Function")
    named = {str(variables(function)["POWERTOOLS_SERVICE_NAME"]): function for function in found}
    return {name: function for name, function in named.items() if name.startswith("rotate-")}


def variables(function: Resource) -> dict[str, object]:
    return cast("dict[str, dict[str, object]]", function["Environment"])["Variables"]


def statements(environment: Templates, function: Resource) -> list[dict[str, object]]:
    role = json.dumps(function["Role"]).split('"')[3]
    policies = [p for p in properties(environment.compute, "AWS::IAM::ManagedPolicy") if role in json.dumps(p["Roles"])]
    documents = [cast("dict[str, list[dict[str, object]]]", policy["PolicyDocument"]) for policy in policies]
    return [statement for document in documents for statement in document["Statement"]]


def test_each_secret_that_can_be_rotated_is_within_the_configured_days(environment: Templates) -> None:
    schedules = properties(environment.compute, "AWS::SecretsManager::RotationSchedule")

    secrets = secrets_of(environment)
    assert len(schedules) == len(secrets)
    for secret in secrets.values():
        (schedule,) = (s for s in schedules if f"Ref{secret}" in json.dumps(s["SecretId"]))
        assert schedule["RotationRules"] == {"AutomaticallyAfterDays": environment.config.rotation_days}
        assert schedule["RotateImmediatelyOnUpdate"] is False


@pytest.mark.parametrize(("name", "secret"), SECRETS.items())
def test_a_rotation_writes_its_own_secret_and_no_other(environment: Templates, name: str, secret: str) -> None:
    function = functions(environment)[name]
    writing = [s for s in statements(environment, function) if "PutSecretValue" in json.dumps(s["Action"])]

    assert f"Ref{secret}" in json.dumps(variables(function)["ROTATED_SECRET"])
    (statement,) = writing
    assert f"Ref{secret}" in json.dumps(statement["Resource"])
    assert json.dumps(statement["Resource"]).count("GetStackOutput") == 1


@pytest.mark.parametrize("secret", SECRETS.values())
def test_a_rotation_is_started_for_its_own_secret_by_secrets_manager_alone(environment: Templates, secret: str) -> None:
    permissions = [
        permission
        for permission in properties(environment.compute, "AWS::Lambda::Permission")
        if permission["Principal"] == "secretsmanager.amazonaws.com"
    ]

    (permission,) = (p for p in permissions if f"Ref{secret}" in json.dumps(p["SourceArn"]))
    assert permission["SourceAccount"] == environment.config.account
    assert len(permissions) == len(secrets_of(environment))


def test_the_functions_login_is_rotated_only_once_the_migrations_have_made_it(environment: Templates) -> None:
    schedules = environment.compute.find_resources("AWS::SecretsManager::RotationSchedule")
    (login,) = (schedule for name, schedule in schedules.items() if "DatabaseLogin" in name)

    assert any(name.startswith("MigrationsRun") for name in login["DependsOn"])


def test_only_the_caches_rotation_changes_a_user_and_only_that_one(environment: Templates) -> None:
    changing = {
        name: statement["Resource"]
        for name, function in functions(environment).items()
        for statement in statements(environment, function)
        if "elasticache:ModifyUser" in json.dumps(statement["Action"])
    }

    config = environment.config
    user = f"arn:aws:elasticache:{config.region}:{config.account}:user:flux-{config.name}-functions"
    assert changing == {"rotate-cache-login": user}


@pytest.mark.parametrize("days", [0, 91])
def test_a_rotation_that_is_too_seldom_is_refused(days: int) -> None:
    with pytest.raises(ConfigError, match=r"SecretsManager\.4"):
        replace(DEV, rotation_days=days)


def test_an_environment_may_go_without_rotation_with_a_reason() -> None:
    without = OptOut(reason="nothing of value is in there")
    assert replace(DEV, rotation_days=without).rotation_days == without


@pytest.mark.parametrize(
    ("description", "to_fill_in"),
    [
        ("webhook subscription; fill in", {"notification_url": ADDRESS_TO_FILL_IN}),
        ("access token and webhook subscription; fill in", {"subscription_id": SUBSCRIPTION_TO_FILL_IN}),
    ],
)
def test_the_rotation_knows_what_of_squares_is_still_to_be_filled_in(
    environment: Templates, description: str, to_fill_in: dict[str, str]
) -> None:
    secrets = properties(environment.data, "AWS::SecretsManager::Secret")
    (secret,) = (s for s in secrets if f"Square's {description}" in str(s["Description"]))
    generated = cast("dict[str, str]", secret["GenerateSecretString"])
    assert json.loads(generated["SecretStringTemplate"]) == to_fill_in


def test_a_secret_that_grows_older_than_its_schedule_allows_is_told(prod: Templates) -> None:
    (alarm,) = (
        alarm
        for alarm in properties(prod.monitoring, "AWS::CloudWatch::Alarm")
        if alarm["AlarmName"] == "flux-prod-secret-age"
    )
    assert (alarm["Threshold"], alarm["ComparisonOperator"]) == (33, "GreaterThanThreshold")
