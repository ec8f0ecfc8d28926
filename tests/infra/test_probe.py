"""The probe: what starts it, what it may reach, and who hears of its silence."""

import json
from typing import cast

import pytest

from flux_infra.environments import LOCAL
from probe import handler as probe
from tests.infra.templates import Resource, Templates, properties, resources

FUNCTION = "AWS::Lambda::Function"


@pytest.fixture
def probed(environment: Templates) -> Templates:
    if environment.config.objectives is not True:
        pytest.skip("nobody was promised anything of it")
    return environment


def variables(templates: Templates) -> Resource:
    (function,) = properties(templates.monitoring, FUNCTION)
    return cast("dict[str, Resource]", function["Environment"])["Variables"]


def test_it_is_where_people_were_promised_something_and_nowhere_else(environment: Templates) -> None:
    promised = environment.config.objectives is True
    environment.monitoring.resource_count_is(FUNCTION, int(promised))
    for layer in (environment.data, environment.compute):
        assert ("Probe" in json.dumps(layer.to_json()["Resources"])) is promised


def test_it_runs_every_minute_and_a_run_that_is_late_is_left_out(probed: Templates) -> None:
    (alias,) = resources(probed.monitoring, "AWS::Lambda::Alias")
    at_once = {"MaximumEventAgeInSeconds": 60, "MaximumRetryAttempts": 0}
    (rule,) = (
        rule
        for rule in properties(probed.monitoring, "AWS::Events::Rule")
        if rule["ScheduleExpression"] == "rate(1 minute)"
    )
    (target,) = cast("list[Resource]", rule["Targets"])
    assert (target["Arn"], target["RetryPolicy"]) == ({"Ref": alias}, at_once)
    probed.monitoring.has_resource_properties("AWS::Lambda::EventInvokeConfig", at_once)


def test_once_a_day_it_looks_at_every_secret_that_rotates_and_may_read_the_value_of_its_own_alone(
    probed: Templates,
) -> None:
    (rule,) = (
        rule
        for rule in properties(probed.monitoring, "AWS::Events::Rule")
        if rule["ScheduleExpression"] != "rate(1 minute)"
    )
    (target,) = cast("list[Resource]", rule["Targets"])
    schedules = [
        schedule["SecretId"]
        for layer in (probed.compute, probed.frontend)
        for schedule in properties(layer, "AWS::SecretsManager::RotationSchedule")
    ]
    watched = json.dumps(variables(probed)["ROTATED_SECRETS"])
    assert rule["ScheduleExpression"] == "cron(30 6 * * ? *)"
    assert target["Input"] == json.dumps({"type": probe.DAILY}, separators=(",", ":"))
    assert len(schedules) == 7
    assert all(json.dumps(secret)[1:-1] in watched for secret in schedules)


def test_a_journey_ends_by_itself_before_lambda_ends_it_and_before_the_next(probed: Templates) -> None:
    (function,) = properties(probed.monitoring, FUNCTION)
    assert probe.JOURNEY_SECONDS < cast("int", function["Timeout"]) - 3 < 60


def test_it_leaves_the_vpc_and_asks_cloudfront_under_the_name_that_people_use(
    probed: Templates, owner: Templates
) -> None:
    (group,) = properties(probed.monitoring, "AWS::EC2::SecurityGroup")
    assert '"CidrIp": "0.0.0.0/0"' in json.dumps(group)
    if probed.config.aws_url is None:
        assert "EdgeDistribution" in json.dumps(variables(probed)["SITE_URL"])
        assert "SITE_HOST" not in variables(probed)
    assert owner.config.domain is not None
    assert variables(owner)["SITE_URL"] == f"https://{owner.config.domain.name}"


def test_on_this_machine_it_asks_the_one_address_for_the_distribution_by_name(local: Templates) -> None:
    assert variables(local)["SITE_URL"] == LOCAL.aws_url
    assert ".cloudfront.localhost" in json.dumps(variables(local)["SITE_HOST"])
