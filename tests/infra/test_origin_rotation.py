"""Who may give CloudFront a new value to prove itself by, and when."""

import json
from typing import cast

from flux_infra.constructs.origin import ORIGIN_HEADER
from tests.infra.templates import Resource, Templates, properties, resources

SCHEDULE = "AWS::SecretsManager::RotationSchedule"
DISTRIBUTION = "AWS::CloudFront::Distribution"


def rotation(templates: Templates) -> Resource:
    """Return the properties of the function that rotates the origin secret."""
    (found,) = (
        f
        for f in properties(templates.frontend, "AWS::Lambda::Function")
        if f.get("Handler") == "rotation.handler.handler"
    )
    return found


def statements(templates: Templates) -> list[dict[str, object]]:
    """Return what its role may do."""
    role = json.dumps(rotation(templates)["Role"]).split('"')[3]
    (policy,) = (
        p for p in properties(templates.frontend, "AWS::IAM::ManagedPolicy") if role in json.dumps(p.get("Roles"))
    )
    return cast("dict[str, list[dict[str, object]]]", policy["PolicyDocument"])["Statement"]


def test_the_origin_secret_rotates_as_often_as_configured_and_not_by_a_deployment(environment: Templates) -> None:
    (schedule,) = properties(environment.frontend, SCHEDULE)
    assert "RefSecretsOrigin" in json.dumps(schedule["SecretId"])
    assert schedule["RotationRules"] == {"AutomaticallyAfterDays": environment.config.rotation_days}
    assert schedule["RotateImmediatelyOnUpdate"] is False


def test_scheduling_waits_for_the_distribution_because_secrets_manager_tries_it(environment: Templates) -> None:
    ((_, schedule),) = resources(environment.frontend, SCHEDULE).items()
    (distribution,) = resources(environment.frontend, DISTRIBUTION)
    assert distribution in cast("list[str]", schedule["DependsOn"])


def test_the_rotation_may_change_this_one_distribution(environment: Templates) -> None:
    (distribution,) = resources(environment.frontend, DISTRIBUTION)
    (statement,) = (s for s in statements(environment) if "cloudfront:" in json.dumps(s["Action"]))
    assert statement["Action"] == [
        "cloudfront:GetDistribution",
        "cloudfront:GetDistributionConfig",
        "cloudfront:UpdateDistribution",
    ]
    assert f'distribution/", {{"Ref": "{distribution}"}}' in json.dumps(statement["Resource"])


def test_the_rotation_may_ask_the_authorizers_alias_and_no_other_function(environment: Templates) -> None:
    (statement,) = (s for s in statements(environment) if "lambda:InvokeFunction" in json.dumps(s["Action"]))
    assert "RefFunctionsAuthorizerLive" in json.dumps(statement["Resource"])


def test_the_rotation_touches_no_other_secret(environment: Templates) -> None:
    touched = [s for s in statements(environment) if "secretsmanager:" in json.dumps(s["Action"])]
    assert touched
    assert all("RefSecretsOrigin" in json.dumps(s["Resource"]) for s in touched)


def test_the_rotation_is_told_the_distribution_the_header_and_the_authorizer(environment: Templates) -> None:
    variables = cast("dict[str, dict[str, object]]", rotation(environment)["Environment"])["Variables"]
    (distribution,) = resources(environment.frontend, DISTRIBUTION)
    assert variables["DISTRIBUTION_ID"] == {"Ref": distribution}
    assert variables["ORIGIN_HEADER"] == ORIGIN_HEADER
    assert "RefFunctionsAuthorizerLive" in json.dumps(variables["AUTHORIZER"])
    assert "resolve:" not in json.dumps(variables)
