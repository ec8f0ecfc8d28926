"""What GitHub Actions may do in our accounts: the trust is exact, and its bounds hold."""

import fnmatch
import itertools
import re
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import cast

import pytest
from aws_cdk import App
from aws_cdk.assertions import Match, Template

from flux_infra.delivery.boundary import BOUNDARY_NAME
from flux_infra.delivery.identities import ISSUER, Identity, identities
from flux_infra.delivery.stack import AUDIENCE, DeliveryStack
from flux_infra.environments import DELIVERY, PROD, environments
from policy.stateful import STATEFUL_TYPES
from tests.infra.templates import PROJECT, Json, Resource, Templates, properties, resources

EVERYONE = identities(DELIVERY, environments())
# CloudFormation names a bucket by its stack, its logical id in lower case, and twelve characters of its own.
BUCKETS = ("SiteBucket978D4AEB", "AccessLogsBucketCD784A59")
type Statements = Sequence[Mapping[str, Json]]


@pytest.fixture(scope="module", params=["dev", "staging", "prod"])
def environment(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def template(environment: str) -> Template:
    return Template.from_stack(DeliveryStack(App(), identities=of(environment)))


def of(environment: str) -> tuple[Identity, ...]:
    return tuple(identity for identity in EVERYONE if identity.environment.name == environment)


def roles(template: Template) -> dict[str, Resource]:
    found = [cast("Resource", role["Properties"]) for role in resources(template, "AWS::IAM::Role").values()]
    return {str(role["RoleName"]): role for role in found}


def policy_of(template: Template, purpose: str) -> Statements:
    policies = [cast("Resource", p["Properties"]) for p in resources(template, "AWS::IAM::Policy").values()]
    (document,) = [cast("Resource", p["PolicyDocument"]) for p in policies if p["PolicyName"] == purpose]
    return cast("Statements", document["Statement"])


def as_list(value: Json) -> list[str]:
    return cast("list[str]", value if isinstance(value, list) else [value])


def test_every_role_is_trusted_for_exact_subjects_of_one_repository(template: Template, environment: str) -> None:
    for identity in of(environment):
        (statement,) = cast(
            "Statements", cast("Resource", roles(template)[identity.role_name]["AssumeRolePolicyDocument"])["Statement"]
        )
        assert statement["Action"] == "sts:AssumeRoleWithWebIdentity"
        condition = cast("Resource", cast("Resource", statement["Condition"])["StringEquals"])
        assert statement["Condition"] == {"StringEquals": condition}
        assert condition[f"{ISSUER}:aud"] == AUDIENCE
        assert as_list(condition[f"{ISSUER}:sub"]) == list(identity.subjects)
        assert set(cast("Resource", statement["Principal"])) == {"Federated"}
        for subject in identity.subjects:
            assert subject.startswith(f"repo:{DELIVERY.repository}:")
            assert not set("*?") & set(subject)


def test_there_is_no_role_beyond_those_the_workflows_need(template: Template, environment: str) -> None:
    assert set(roles(template)) == {identity.role_name for identity in of(environment)}
    purposes = {"dev": ["preview"]}.get(environment, ["deploy", "operate", "plan", "drift"])
    assert [identity.purpose for identity in of(environment)] == purposes


def test_production_is_deployed_only_from_its_own_guarded_environment() -> None:
    subjects = {identity.purpose: identity.subjects for identity in of("prod")}

    assert subjects["deploy"] == subjects["operate"] == (f"repo:{DELIVERY.repository}:environment:prod",)
    # Who approves there has seen the plan, so this one cannot ask first; it changes nothing.
    assert subjects["plan"] == (f"repo:{DELIVERY.repository}:environment:plan",)
    assert not any(subject.endswith(":pull_request") for each in subjects.values() for subject in each)


def test_a_repository_with_numbers_is_trusted_by_them_and_by_its_name_until_the_name_no_longer_suffices() -> None:
    """The form that GitHub sends since 15 July 2026 (configure-aws-credentials, README, "OIDC")."""
    numbered = replace(DELIVERY, repository="octo-org/octo-repo", owner_id=123456, repository_id=456789)

    assert numbered.subjects("environment:prod") == (
        "repo:octo-org@123456/octo-repo@456789:environment:prod",
        "repo:octo-org/octo-repo:environment:prod",
    )
    alone = replace(numbered, names_suffice=False)
    found = identities(alone, [PROD])
    assert {subject for identity in found for subject in identity.subjects} == {
        f"repo:octo-org@123456/octo-repo@456789:{context}"
        for context in ("environment:prod", "environment:drift", "environment:plan")
    }


def test_both_forms_of_a_subject_stand_in_the_trust_while_a_repository_moves() -> None:
    moving = replace(DELIVERY, owner_id=1, repository_id=2)
    template = Template.from_stack(DeliveryStack(App(), identities=identities(moving, [PROD])))

    for identity in identities(moving, [PROD]):
        document = cast("Resource", roles(template)[identity.role_name]["AssumeRolePolicyDocument"])
        (statement,) = cast("Statements", document["Statement"])
        condition = cast("Resource", cast("Resource", statement["Condition"])["StringEquals"])
        assert condition[f"{ISSUER}:sub"] == list(identity.subjects)
        assert len(identity.subjects) == 2


def test_the_identity_provider_is_githubs_and_needs_no_function(template: Template) -> None:
    template.has_resource_properties("AWS::IAM::OIDCProvider", {"Url": f"https://{ISSUER}", "ClientIdList": [AUDIENCE]})
    template.resource_count_is("AWS::IAM::OIDCProvider", 1)
    template.resource_count_is("AWS::Lambda::Function", 0)


def test_every_role_is_bounded(template: Template) -> None:
    (boundary,) = resources(template, "AWS::IAM::ManagedPolicy")

    template.has_resource_properties("AWS::IAM::ManagedPolicy", {"ManagedPolicyName": BOUNDARY_NAME})
    template.all_resources_properties("AWS::IAM::Role", {"PermissionsBoundary": {"Ref": boundary}})


def test_whoever_deploys_may_only_take_the_roles_of_cdk(template: Template, environment: str) -> None:
    for identity in of(environment):
        account = identity.environment.account
        if identity.purpose != "deploy":
            continue
        (statement,) = policy_of(template, identity.purpose)
        assert as_list(statement["Action"]) == ["sts:AssumeRole"]
        assert as_list(statement["Resource"]) == [
            f"arn:aws:iam::{account}:role/cdk-hnb659fds-{kind}-role-{account}-us-east-1"
            for kind in ("deploy", "file-publishing", "lookup")
        ]


def test_whoever_looks_for_drift_changes_nothing(template: Template, environment: str) -> None:
    if environment == "dev":
        return
    drift = roles(template)[f"flux-{environment}-drift"]
    assert "ReadOnlyAccess" in str(drift["ManagedPolicyArns"])
    for statement in policy_of(template, "drift"):
        assert all(action.startswith("cloudformation:Detect") for action in as_list(statement["Action"]))


def test_whoever_plans_a_rollback_only_reads(template: Template, environment: str) -> None:
    if environment == "dev":
        return
    reading = re.compile(r"[a-z0-9-]+:(BatchGet|Describe|Get|List|Lookup)[A-Za-z]*\*?")
    actions = [action for statement in policy_of(template, "plan") for action in as_list(statement["Action"])]
    assert [action for action in actions if not reading.fullmatch(action)] == []


def test_only_the_drift_roles_have_a_policy_of_awss(template: Template) -> None:
    for name, role in roles(template).items():
        assert ("ManagedPolicyArns" in role) == name.endswith("-drift")


def test_no_policy_reaches_into_another_environment(template: Template, environment: str) -> None:
    others = {config.name for config in environments()} - {environment}
    for policy in resources(template, "AWS::IAM::Policy").values():
        text = str(policy)
        for other in others:
            assert f"Flux-{other}-" not in text
            assert f"flux-{other}-" not in text


def test_a_rollback_may_only_amend_the_stacks_of_releases_under_its_own_name(
    template: Template, environment: str
) -> None:
    if environment == "dev":
        return
    writes = [s for s in policy_of(template, "operate") if "cloudformation:ExecuteChangeSet" in as_list(s["Action"])]

    assert [s["Condition"] for s in writes] == [{"StringLike": {"cloudformation:ChangeSetName": "flux-ops-*"}}]
    for resource in as_list(writes[0]["Resource"]):
        assert resource.endswith((f"stack/Flux-{environment}-Compute/*", f"stack/Flux-{environment}-Ml/*"))


@pytest.mark.parametrize(
    ("home", "purpose", "published"),
    [("staging", "operate", "staging"), ("prod", "operate", "prod"), ("dev", "preview", "pr-123")],
)
def test_a_pipeline_publishes_with_the_rights_of_the_site_publisher_on_the_sites_bucket_alone(
    home: str, purpose: str, published: str, prod: Templates
) -> None:
    def rights(statements: Statements) -> dict[str, list[str]]:
        shared = ("AddAndReadBackFiles", "ListReleases", "NameTheLiveRelease")
        return {str(s["Sid"]): as_list(s["Action"]) for s in statements if s["Sid"] in shared}

    def reaches(sid: str, arn: str) -> bool:
        (statement,) = (s for s in own if s["Sid"] == sid)
        return any(fnmatch.fnmatchcase(arn, pattern) for pattern in as_list(statement["Resource"]))

    own = policy_of(Template.from_stack(DeliveryStack(App(), identities=of(home))), purpose)
    (publisher,) = (
        policy
        for policy in properties(prod.frontend, "AWS::IAM::ManagedPolicy")
        if policy.get("ManagedPolicyName") == "flux-prod-site-publisher"
    )
    document = cast("Resource", publisher["PolicyDocument"])
    site, logs = (f"flux-{published}-frontend-{bucket.lower()}-1a2b3c4d5e6f" for bucket in BUCKETS)

    assert rights(own) == rights(cast("Statements", document["Statement"]))
    assert [reaches("ListReleases", f"arn:aws:s3:::{bucket}") for bucket in (site, logs)] == [True, False]
    for file, written in (("releases/7/index.html", True), ("_next/static/a.js", True), ("index.html", False)):
        assert reaches("AddAndReadBackFiles", f"arn:aws:s3:::{site}/{file}") is written
        assert not reaches("AddAndReadBackFiles", f"arn:aws:s3:::{logs}/{file}")


def test_whoever_throws_previews_away_can_empty_no_other_bucket() -> None:
    template = Template.from_stack(DeliveryStack(App(), identities=of("dev")))

    for statement in policy_of(template, "preview"):
        if any("Delete" in action for action in as_list(statement["Action"])):
            assert as_list(statement["Resource"]) == ["arn:aws:s3:::flux-pr-*"]


# What turns a little power into more ("Permissions boundaries for IAM entities", IAM User Guide; Datadog Security Labs'
# and Rhino Security's lists of escalations).
ESCALATIONS = (
    "iam:AttachRolePolicy",
    "iam:CreateAccessKey",
    "iam:CreateLoginProfile",
    "iam:CreatePolicyVersion",
    "iam:CreateRole",
    "iam:DeleteRolePermissionsBoundary",
    "iam:PassRole",
    "iam:PutRolePermissionsBoundary",
    "iam:PutRolePolicy",
    "iam:SetDefaultPolicyVersion",
    "iam:UpdateAssumeRolePolicy",
    "iam:UpdateOpenIDConnectProviderThumbprint",
    "cloudformation:CreateStack",
    "cloudformation:UpdateStack",
    "codebuild:CreateProject",
    "ec2:RunInstances",
    "glue:CreateDevEndpoint",
    "lambda:CreateFunction",
    "lambda:UpdateFunctionCode",
    "lambda:UpdateFunctionConfiguration",
    "organizations:LeaveOrganization",
    "secretsmanager:GetSecretValue",
    "kms:CreateGrant",
    "ssm:SendCommand",
    "cloudtrail:StopLogging",
)


@pytest.mark.parametrize("action", ESCALATIONS)
def test_the_boundary_forbids_it_whatever_a_policy_grants(template: Template, action: str) -> None:
    assert any(
        fnmatch.fnmatchcase(action.lower(), pattern.lower())
        for statement in boundary_statements(template)
        if statement["Effect"] == "Deny" and statement.get("Resource") == "*"
        for pattern in as_list(statement["Action"])
    )


@pytest.mark.parametrize(
    "action", ["sts:AssumeRole", "cloudformation:ExecuteChangeSet", "s3:GetObject", "ssm:GetParameters"]
)
def test_the_boundary_allows_it_only_where_delivery_needs_it(template: Template, action: str) -> None:
    (denied,) = [
        statement
        for statement in boundary_statements(template)
        if statement["Effect"] == "Deny"
        and any(fnmatch.fnmatchcase(action, pattern) for pattern in as_list(statement["Action"]))
    ]
    assert "Condition" not in denied
    for exception in as_list(denied["NotResource"]):
        ours = ("cdk-hnb659fds-", "Flux-*-", "flux-*-frontend-", ":parameter/cdk-bootstrap/hnb659fds/version")
        assert any(name in exception for name in ours)
        assert not exception.endswith(":*")


def test_the_boundary_lets_s3_decrypt_what_it_reads_and_nobody_else_decrypt_anything(template: Template) -> None:
    """CloudFormation reads a template that a rollback sends with the caller's rights, from an encrypted bucket."""
    (denied,) = [s for s in boundary_statements(template) if "kms:Decrypt" in as_list(s.get("Action"))]
    assert denied["Resource"] == "*"
    assert denied["Condition"] == {"StringNotEquals": {"kms:ViaService": "s3.us-east-1.amazonaws.com"}}


def test_whoever_records_a_rollback_may_what_a_change_set_asks_of_its_caller(environment: str) -> None:
    """As the deploy role of `cdk bootstrap` may, whose template says what a change set needs."""
    if environment == "dev":
        return
    written = (PROJECT / "node_modules/aws-cdk/lib/api/bootstrap/bootstrap-template.yaml").read_text()
    (asked,) = re.findall(r"- (ssm:\w+) # CreateChangeSet uses this", written)
    template = Template.from_stack(DeliveryStack(App(), identities=of(environment)))
    (statement,) = [s for s in policy_of(template, "operate") if asked in as_list(s["Action"])]
    (denied,) = [s for s in boundary_statements(template) if "ssm:GetParameter*" in as_list(s.get("Action"))]
    account = of(environment)[0].environment.account
    version = f"arn:aws:ssm:us-east-1:{account}:parameter/cdk-bootstrap/hnb659fds/version"
    assert statement["Resource"] == denied["NotResource"] == version


def test_the_boundary_takes_nothing_that_a_role_needs(template: Template, environment: str) -> None:
    """A statement of a role that the boundary denies everywhere would be a right that does not exist."""
    denied = [
        pattern
        for statement in boundary_statements(template)
        if statement["Effect"] == "Deny" and statement.get("Resource") == "*"
        for pattern in as_list(statement["Action"])
    ]
    for identity in of(environment):
        granted = [
            action for statement in policy_of(template, identity.purpose) for action in as_list(statement["Action"])
        ]
        for action, pattern in itertools.product(granted, denied):
            assert not fnmatch.fnmatchcase(action, pattern), f"{identity.role_name}: {action} is denied by {pattern}"


def boundary_statements(template: Template) -> Statements:
    (policy,) = resources(template, "AWS::IAM::ManagedPolicy").values()
    document = cast("Resource", cast("Resource", policy["Properties"])["PolicyDocument"])
    return cast("Statements", document["Statement"])


def test_the_stack_is_called_the_same_in_every_account_and_is_not_deleted_by_mistake(environment: str) -> None:
    stack = DeliveryStack(App(), identities=of(environment))

    assert stack.stack_name == "Flux-delivery"
    assert stack.termination_protection
    assert stack.account == of(environment)[0].environment.account


def test_policies_stay_apart_from_their_roles(template: Template) -> None:
    template.all_resources_properties("AWS::IAM::Role", {"Policies": Match.absent()})


# Kept when their stack goes, because a rollback needs them or something kept refers to them; they hold nothing.
KEPT_WITHOUT_STATE = {
    "AWS::EC2::SecurityGroup",
    "AWS::Lambda::Version",
    "AWS::RDS::DBParameterGroup",
    "AWS::RDS::DBSubnetGroup",
    "AWS::SageMaker::EndpointConfig",
    "AWS::SageMaker::Model",
}


def test_whatever_outlives_its_stack_needs_a_label_to_go(prod: Templates) -> None:
    kept = {
        str(resource["Type"])
        for _, template in prod.layers()
        for resource in resources(template).values()
        if resource.get("DeletionPolicy", "Delete") != "Delete"
    }

    assert kept - KEPT_WITHOUT_STATE <= STATEFUL_TYPES.keys()


@pytest.mark.slow
def test_the_app_of_the_roles_lists_one_stack_per_account_and_needs_no_build(tmp_path: Path) -> None:
    app = ("--app", f"{sys.executable} -m flux_infra.apps.delivery", "--build", "", "--output", str(tmp_path))
    done = subprocess.run(
        [PROJECT / "scripts" / "cdk", "ls", *app],
        cwd=PROJECT,
        capture_output=True,
        text=True,
        check=True,
    )

    listed = {line.split()[0] for line in done.stdout.splitlines() if line.startswith("Flux-")}
    assert listed == {"Flux-delivery-dev", "Flux-delivery-staging", "Flux-delivery-prod"}
