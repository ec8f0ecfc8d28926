"""If a pack or our own gate ever falls silent, this is where it shows: a stack that every one of them must refuse."""

from pathlib import Path

import pytest
from aws_cdk import Duration, RemovalPolicy, Stack, Stage, Validations
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_sqs as sqs

from flux_infra.apps.entry import build_app
from policy.acknowledgement import Found
from policy.assembly import read_stages, readings
from policy.gate import judge
from policy.packs import AcknowledgedPack, build_packs, places_in
from policy.places import PACKS, read_acknowledged
from tests.policy.validation_report import PluginReport, read_reports

pytestmark = pytest.mark.slow

# Rules that each must have broken here, so that not just anything counts; those that stand in place of ours among them.
_ADMINISTRATOR = "arn:<AWS::Partition>:iam::aws:policy/AdministratorAccess"
MUST_FIND = {
    "AwsSolutions": {
        *("AwsSolutions-S10", "AwsSolutions-SQS4", "AwsSolutions-EC23"),
        *("AwsSolutions-IAM5[Action::*]", f"AwsSolutions-IAM4[Policy::{_ADMINISTRATOR}]"),
    },
    "Serverless": {"Serverless-LambdaDefaultTimeout"},
    "HIPAA.Security": {"HIPAA.Security-S3BucketSSLRequestsOnly", "HIPAA.Security-LambdaInsideVPC"},
    "NIST.800.53.R5": {"NIST.800.53.R5-S3BucketVersioningEnabled", "NIST.800.53.R5-IAMNoInlinePolicy"},
    "PCI.DSS.321": {"PCI.DSS.321-S3BucketLoggingEnabled", "PCI.DSS.321-EC2RestrictedSSH"},
    "CloudFormation-Validate": {"F3002"},
}


@pytest.fixture(scope="module")
def refused(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("refused")
    app = build_app(outdir=folder)
    found: list[Found] = []
    packs = [AcknowledgedPack(pack, folder, found, places_in) for pack in build_packs()]
    Validations.of(app).add_plugins(*packs)
    stack = Stack(Stage(app, "Flux-bad"), "Data")
    s3.Bucket(stack, "Bucket", removal_policy=RemovalPolicy.DESTROY)
    vpc = ec2.Vpc(stack, "Vpc")
    ec2.SecurityGroup(stack, "Open", vpc=vpc).add_ingress_rule(ec2.Peer.any_ipv4(), ec2.Port.tcp(22))
    role = iam.Role(stack, "Role", assumed_by=iam.AnyPrincipal())
    role.add_to_policy(iam.PolicyStatement(actions=["*"], resources=["*"]))
    role.add_managed_policy(iam.ManagedPolicy.from_aws_managed_policy_name("AdministratorAccess"))
    sqs.Queue(stack, "Queue", retention_period=Duration.days(1))
    lambda_.Function(
        stack,
        "Function",
        runtime=lambda_.Runtime.PYTHON_3_11,
        handler="index.handler",
        code=lambda_.Code.from_inline("def handler(event, context): ..."),
        environment={"X": "one letter is too short for the name of a variable"},
    )
    with pytest.raises(RuntimeError, match="ValidationFailed"):
        app.synth()
    return folder


@pytest.fixture(scope="module")
def reports(refused: Path) -> dict[str, PluginReport]:
    return read_reports(refused)


def test_every_pack_has_something_that_it_must_find() -> None:
    assert set(MUST_FIND) == {*PACKS, "CloudFormation-Validate"}


@pytest.mark.parametrize("pack", MUST_FIND)
def test_the_pack_refuses_a_bad_stack(pack: str, reports: dict[str, PluginReport]) -> None:
    report = reports[pack]
    assert report["conclusion"] == "failure"
    assert {v["ruleName"] for v in report["violations"] if v["severity"] in ("error", "fatal")} >= MUST_FIND[pack]


def test_what_the_ledger_lets_stay_is_written_down(refused: Path, reports: dict[str, PluginReport]) -> None:
    rule = "Serverless-LambdaLatestVersion"
    assert rule not in {violation["ruleName"] for violation in reports["Serverless"]["violations"]}
    kept = [found for found in read_acknowledged(refused) if found.rule == f"Serverless::{rule}"]
    assert [(found.environment, found.path, found.type) for found in kept] == [
        ("bad", "Data/Function", "AWS::Lambda::Function")
    ]


def test_our_own_rules_refuse_the_bad_stack_too(refused: Path) -> None:
    rules = {finding.rule for stacks in read_stages(refused).values() for finding in judge(readings(stacks))}
    assert {"S3-PRIVATE", "STATE-KEPT", "STATE-STACK", "SG-OPEN-INGRESS", "POLICY-PUBLIC", "IAM-ESCALATION"} <= rules
