"""The baseline of an account: what is recorded, watched and forbidden there."""

import json
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import cast

import pytest
from aws_cdk.assertions import Match, Template

from flux_infra.account.account_settings import settings
from flux_infra.account.changes import WATCHED, Watched
from flux_infra.account.stack import AccountStack
from flux_infra.apps.entry import build_app
from flux_infra.config import ConfigError, OptOut
from flux_infra.config.account_baseline import AccountBaseline, SecurityContact, require_one_baseline_per_account
from flux_infra.environments import DEV_ACCOUNT, PROD_ACCOUNT, account_baselines
from tests.infra.templates import PROJECT, Json, Resource, properties, resources

pytestmark = pytest.mark.slow

ACCOUNT = PROD_ACCOUNT.account
KEY = {"Fn::GetAtt": [Match.string_like_regexp("^AuditKey"), "Arn"]}
TRAIL = f"arn:aws:cloudtrail:us-east-1:{ACCOUNT}:trail/flux-account"


@pytest.fixture(scope="module")
def templates(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Template]:
    """What the CDK CLI lists of the accounts' app: each stack's template, after CDK's own validation of them."""
    folder = tmp_path_factory.mktemp("accounts")
    app = ("--app", f"{sys.executable} -m flux_infra.apps.account", "--build", "", "--output", str(folder))
    done = subprocess.run(
        [PROJECT / "scripts" / "cdk", "ls", *app], cwd=PROJECT, capture_output=True, text=True, check=True
    )
    listed = [line.split()[0] for line in done.stdout.splitlines() if line.startswith("Flux-")]
    return {name: Template.from_string((folder / f"{name}.template.json").read_text()) for name in listed}


@pytest.fixture(scope="module")
def template(templates: Mapping[str, Template]) -> Template:
    return templates["Flux-account-prod"]


def statements(policy: Resource, document: str = "PolicyDocument") -> list[Resource]:
    return cast("list[Resource]", cast("Resource", policy[document])["Statement"])


def test_cloudtrail_records_every_region_validated_and_encrypted_with_our_key(template: Template) -> None:
    template.has_resource_properties(
        "AWS::CloudTrail::Trail",
        {
            "IsLogging": True,
            "IsMultiRegionTrail": True,
            "IncludeGlobalServiceEvents": True,
            "EnableLogFileValidation": True,
            "KMSKeyId": KEY,
            "CloudWatchLogsLogGroupArn": Match.any_value(),
            "CloudWatchLogsRoleArn": Match.any_value(),
        },
    )


def selectors(template: Template) -> list[Resource]:
    (trail,) = properties(template, "AWS::CloudTrail::Trail")
    return cast("list[Resource]", trail["AdvancedEventSelectors"])


def test_every_management_event_is_recorded_and_every_object_but_the_records_own(template: Template) -> None:
    management, objects = [selector["FieldSelectors"] for selector in selectors(template)]

    assert management == [{"Field": "eventCategory", "Equals": ["Management"]}]
    by_field = {str(f["Field"]): f for f in cast("list[Resource]", objects)}
    assert by_field["eventCategory"]["Equals"] == ["Data"]
    assert by_field["resources.type"]["Equals"] == ["AWS::S3::Object"]
    excepted = json.dumps(by_field["resources.ARN"]["NotStartsWith"])
    assert "TrailRecordsBucket" in excepted
    assert "TrailRecordsAccessLogs" in excepted
    assert len(by_field) == 3  # nothing narrows it to reading or to writing


def test_an_account_may_leave_out_the_records_of_objects(templates: Mapping[str, Template]) -> None:
    (management,) = selectors(templates["Flux-account-dev"])

    assert management["Name"] == "Every management event"


def test_records_are_private_encrypted_versioned_kept_and_who_read_them_is_recorded(template: Template) -> None:
    buckets = resources(template, "AWS::S3::Bucket")
    assert len(buckets) == 4
    for logical_id, bucket in buckets.items():
        found = cast("Resource", bucket["Properties"])
        assert set(cast("dict[str, bool]", found["PublicAccessBlockConfiguration"]).values()) == {True}
        assert found["VersioningConfiguration"] == {"Status": "Enabled"}
        assert (bucket["DeletionPolicy"], bucket["UpdateReplacePolicy"]) == ("RetainExceptOnCreate", "Retain")
        (rule,) = cast("list[Resource]", cast("Resource", found["LifecycleConfiguration"])["Rules"])
        assert rule["Status"] == "Enabled"
        assert rule["ExpirationInDays"] == PROD_ACCOUNT.audit_days
        assert rule["NoncurrentVersionExpiration"] == {"NoncurrentDays": 30}
        if "AccessLogs" not in logical_id:
            assert "LoggingConfiguration" in found
            assert "aws:kms" in json.dumps(found["BucketEncryption"])


def test_records_are_written_by_one_service_for_this_account_and_never_in_the_clear(template: Template) -> None:
    conditions: dict[str, list[Json]] = {}
    actions: dict[str, set[str]] = {}
    for policy in properties(template, "AWS::S3::BucketPolicy"):
        denied = [s for s in statements(policy) if s["Effect"] == "Deny"]
        assert [s["Condition"] for s in denied] == [
            {"Bool": {"aws:SecureTransport": "false"}},
            {"NumericLessThan": {"s3:TlsVersion": 1.2}},
        ]
        for statement in statements(policy):
            if statement["Effect"] == "Allow":
                principal = cast("dict[str, str]", statement["Principal"])["Service"]
                conditions.setdefault(principal, []).append(statement["Condition"])
                found = statement["Action"]
                actions.setdefault(principal, set()).update(
                    cast("list[str]", found if isinstance(found, list) else [found])
                )
    assert actions == {
        "cloudtrail.amazonaws.com": {"s3:GetBucketAcl", "s3:PutObject"},
        "config.amazonaws.com": {"s3:GetBucketAcl", "s3:ListBucket", "s3:PutObject"},
        "logging.s3.amazonaws.com": {"s3:PutObject"},
    }
    for found in conditions["cloudtrail.amazonaws.com"]:
        assert cast("Resource", cast("Resource", found)["StringEquals"])["aws:SourceArn"] == TRAIL
    for found in conditions["config.amazonaws.com"]:
        assert cast("Resource", cast("Resource", found)["StringEquals"])["aws:SourceAccount"] == ACCOUNT


def test_the_trail_starts_after_it_may_write(template: Template) -> None:
    (trail,) = resources(template, "AWS::CloudTrail::Trail").values()
    after = cast("list[str]", trail["DependsOn"])

    assert any(name.startswith("TrailRecordsBucketPolicy") for name in after)
    assert any(name.startswith("TrailRoleDefaultPolicy") for name in after)


def test_the_key_rotates_stays_and_serves_this_account_only(template: Template) -> None:
    (key,) = resources(template, "AWS::KMS::Key").values()
    assert key["DeletionPolicy"] == "RetainExceptOnCreate"
    assert cast("Resource", key["Properties"])["EnableKeyRotation"] is True
    for statement in statements(cast("Resource", key["Properties"]), "KeyPolicy"):
        if "Service" in cast("Resource", statement["Principal"]):
            assert ACCOUNT in json.dumps(statement["Condition"])


def test_eventbridge_may_use_the_key_for_the_alerts_alone(template: Template) -> None:
    (key,) = properties(template, "AWS::KMS::Key")
    (statement,) = [s for s in statements(key, "KeyPolicy") if s["Principal"] == {"Service": "events.amazonaws.com"}]

    # Any condition on its source would make messages vanish.
    assert statement["Condition"] == {
        "StringEquals": {
            "kms:EncryptionContext:aws:sns:topicArn": f"arn:aws:sns:us-east-1:{ACCOUNT}:flux-account-security"
        }
    }


@pytest.mark.parametrize("watched", WATCHED, ids=[w.requirement for w in WATCHED])
def test_somebody_hears_of_it(template: Template, watched: Watched) -> None:
    template.has_resource_properties(
        "AWS::Logs::MetricFilter",
        {
            "FilterPattern": f"{{ {watched.pattern} }}",
            "LogGroupName": {"Ref": Match.string_like_regexp("^TrailLogs")},
            "MetricTransformations": [
                {"MetricName": watched.subject, "MetricNamespace": "Flux/Account", "MetricValue": "1"}
            ],
        },
    )
    template.has_resource_properties(
        "AWS::CloudWatch::Alarm",
        {
            "AlarmName": f"flux-account-{watched.subject}",
            "MetricName": watched.subject,
            "Namespace": "Flux/Account",
            "Statistic": "Sum",
            "Threshold": 1,
            "Period": 300,
            "EvaluationPeriods": 1,
            "ActionsEnabled": Match.absent(),  # they are
            "ComparisonOperator": "GreaterThanOrEqualToThreshold",
            "AlarmActions": [{"Ref": Match.string_like_regexp("^AlertsTopic")}],
        },
    )


def test_every_alarm_of_the_account_names_its_runbook(template: Template) -> None:
    for alarm in properties(template, "AWS::CloudWatch::Alarm"):
        runbook = str(alarm["AlarmDescription"]).partition("by ")[2].split()[0]
        assert (PROJECT / runbook).is_file()


def test_every_monitoring_requirement_of_cis_with_a_filter_has_one() -> None:
    assert [watched.requirement for watched in WATCHED] == [f"5.{number}" for number in range(1, 16)]
    # CloudWatch Logs takes patterns of at most 1,024 characters.
    assert max(len(watched.pattern) + len("{  }") for watched in WATCHED) <= 1024


def test_alerts_are_encrypted_reach_people_and_are_written_by_alarms_of_this_account_and_by_eventbridge(
    template: Template,
) -> None:
    template.has_resource_properties("AWS::SNS::Topic", {"KmsMasterKeyId": KEY, "TopicName": "flux-account-security"})
    template.has_resource_properties(
        "AWS::SNS::Subscription", {"Protocol": "email", "Endpoint": PROD_ACCOUNT.security_email}
    )
    (policy,) = properties(template, "AWS::SNS::TopicPolicy")
    denied, *allowed = statements(policy)
    assert (denied["Effect"], denied["Condition"]) == ("Deny", {"Bool": {"aws:SecureTransport": "false"}})
    assert [statement["Action"] for statement in allowed] == ["sns:Publish", "sns:Publish"]
    by_service = {str(cast("Resource", statement["Principal"])["Service"]): statement for statement in allowed}
    alarms, events = by_service["cloudwatch.amazonaws.com"], by_service["events.amazonaws.com"]
    assert cast("Resource", alarms["Condition"])["StringEquals"] == {"aws:SourceAccount": ACCOUNT}
    # As AWS's example has it (EventBridge User Guide, "Using resource-based policies", Amazon SNS permissions).
    assert "Condition" not in events


def test_severe_findings_of_guardduty_reach_the_alerts(template: Template) -> None:
    template.has_resource_properties(
        "AWS::GuardDuty::Detector",
        {
            "Enable": True,
            "Features": [
                {"Name": name, "Status": "ENABLED"}
                for name in ("S3_DATA_EVENTS", "RDS_LOGIN_EVENTS", "LAMBDA_NETWORK_LOGS")
            ],
        },
    )
    template.has_resource_properties(
        "AWS::Events::Rule",
        {
            "EventPattern": {
                "source": ["aws.guardduty"],
                "detail-type": ["GuardDuty Finding"],
                "detail": {"severity": [{"numeric": [">=", 7]}]},
            },
            "State": Match.absent(),  # enabled
            "Targets": [{"Arn": {"Ref": Match.string_like_regexp("^AlertsTopic")}, "Id": "SecurityAlerts"}],
        },
    )


def test_config_records_every_type_of_resource_with_awss_own_role(template: Template) -> None:
    template.has_resource_properties(
        "AWS::Config::ConfigurationRecorder",
        {
            "RecordingGroup": {"AllSupported": True, "IncludeGlobalResourceTypes": True},
            "RoleARN": f"arn:aws:iam::{ACCOUNT}:role/aws-service-role/config.amazonaws.com/AWSServiceRoleForConfig",
        },
    )
    template.has_resource_properties(
        "AWS::Config::DeliveryChannel",
        {"S3BucketName": {"Ref": Match.string_like_regexp("^ConfigRecordsBucket")}, "S3KmsKeyArn": KEY},
    )


def test_config_starts_by_itself(template: Template) -> None:
    """CloudFormation waits for both; one that waited for the other would wait for ever."""
    (recorder,) = resources(template, "AWS::Config::ConfigurationRecorder")
    (channel,) = resources(template, "AWS::Config::DeliveryChannel")

    everything = resources(template)
    assert channel not in json.dumps(everything[recorder])
    assert recorder not in json.dumps(everything[channel])


def test_security_hub_holds_the_account_against_fsbp_and_cis(template: Template) -> None:
    (hub,) = resources(template, "AWS::SecurityHub::Hub")
    template.has_resource_properties("AWS::SecurityHub::Hub", {"AutoEnableControls": True})
    for name in ("aws-foundational-security-best-practices/v/1.0.0", "cis-aws-foundations-benchmark/v/5.0.0"):
        template.has_resource(
            "AWS::SecurityHub::Standard",
            {
                "Properties": {"StandardsArn": f"arn:aws:securityhub:us-east-1::standards/{name}"},
                "DependsOn": [hub],
            },
        )
    template.has_resource_properties("AWS::AccessAnalyzer::Analyzer", {"Type": "ACCOUNT"})
    template.has_resource_properties("AWS::Macie::Session", {"Status": "ENABLED"})


def calls(template: Template) -> dict[str, Mapping[str, Json]]:
    found = {}
    for resource in properties(template, "Custom::AWS"):
        assert resource["Create"] == resource["Update"]
        assert "Delete" not in resource
        call = cast("dict[str, Json]", json.loads(str(resource["Create"])))
        found[f"{call['service']} {call['action']}"] = cast("Mapping[str, Json]", call["parameters"])
    return found


def test_what_cloudformation_cannot_set_is_set_by_a_call_and_never_undone(template: Template) -> None:
    made = calls(template)

    passwords = made["@aws-sdk/client-iam UpdateAccountPasswordPolicyCommand"]
    assert passwords["MinimumPasswordLength"] == 14
    assert passwords["PasswordReusePrevention"] == 24
    assert passwords["MaxPasswordAge"] == 90
    assert all(
        passwords[f"Require{kind}"] is True
        for kind in ("UppercaseCharacters", "LowercaseCharacters", "Numbers", "Symbols")
    )
    block = made["@aws-sdk/client-s3-control PutPublicAccessBlockCommand"]
    assert block["AccountId"] == ACCOUNT
    assert set(cast("dict[str, bool]", block["PublicAccessBlockConfiguration"]).values()) == {True}
    assert len(cast("dict[str, bool]", block["PublicAccessBlockConfiguration"])) == 4
    assert "@aws-sdk/client-ec2 EnableEbsEncryptionByDefaultCommand" in made
    contact = made["@aws-sdk/client-account PutAlternateContactCommand"]
    assert contact["AlternateContactType"] == "SECURITY"
    assert contact["EmailAddress"] == PROD_ACCOUNT.contact.email
    assert len(made) == 4


def test_the_function_behind_the_calls_may_make_these_and_write_its_log(template: Template) -> None:
    (role,) = [
        logical_id for logical_id in resources(template, "AWS::IAM::Role") if logical_id.startswith("SettingsRole")
    ]
    granted = {
        (action, json.dumps(statement["Resource"]))
        for policy in properties(template, "AWS::IAM::Policy")
        if policy["Roles"] == [{"Ref": role}]
        for statement in statements(policy)
        for action in (
            cast("list[str]", statement["Action"])
            if isinstance(statement["Action"], list)
            else [str(statement["Action"])]
        )
    }

    everything = {(setting.action, json.dumps(setting.resource)) for setting in settings(PROD_ACCOUNT)}
    log = {action for action, resource in granted - everything if "SettingsLogs" in resource}
    assert log == {"logs:CreateLogStream", "logs:PutLogEvents"}
    assert len(granted) == len(everything) + len(log)
    template.resource_count_is("AWS::Lambda::Function", 1)
    template.has_resource_properties("AWS::Lambda::Function", {"Role": {"Fn::GetAtt": [role, "Arn"]}})
    assert "ManagedPolicyArns" not in cast("Resource", resources(template)[role]["Properties"])


def test_snapshots_cannot_be_made_public(template: Template) -> None:
    template.has_resource_properties("AWS::EC2::SnapshotBlockPublicAccess", {"State": "block-all-sharing"})


def test_people_with_two_factors_can_ask_aws_for_help(template: Template) -> None:
    template.has_resource_properties(
        "AWS::IAM::Role",
        {
            "RoleName": "flux-account-support",
            "MaxSessionDuration": 4 * 3600,
            "ManagedPolicyArns": [
                {"Fn::Join": ["", ["arn:", {"Ref": "AWS::Partition"}, ":iam::aws:policy/AWSSupportAccess"]]}
            ],
            "AssumeRolePolicyDocument": {
                "Statement": [
                    Match.object_like({"Condition": {"Bool": {"aws:MultiFactorAuthPresent": "true"}}}),
                ]
            },
        },
    )


def test_costs_are_announced_before_and_when_they_pass_the_budget(template: Template) -> None:
    (budget,) = properties(template, "AWS::Budgets::Budget")

    limit = cast("Resource", cast("Resource", budget["Budget"])["BudgetLimit"])
    assert limit == {"Amount": float(PROD_ACCOUNT.monthly_budget_usd), "Unit": "USD"}
    warned = {
        (n["NotificationType"], n["Threshold"], json.dumps(item["Subscribers"]))
        for item in cast("list[Resource]", budget["NotificationsWithSubscribers"])
        for n in [cast("Resource", item["Notification"])]
    }
    to = json.dumps([{"Address": PROD_ACCOUNT.security_email, "SubscriptionType": "EMAIL"}])
    assert warned == {("FORECASTED", 100, to), ("ACTUAL", 80, to), ("ACTUAL", 100, to)}


def test_a_service_that_suddenly_costs_a_hundredth_of_the_budget_more_is_reported_by_mail(template: Template) -> None:
    (monitor,) = resources(template, "AWS::CE::AnomalyMonitor")
    (subscription,) = properties(template, "AWS::CE::AnomalySubscription")

    assert subscription["MonitorArnList"] == [{"Fn::GetAtt": [monitor, "MonitorArn"]}]
    assert subscription["Subscribers"] == [{"Address": PROD_ACCOUNT.security_email, "Type": "EMAIL"}]
    assert json.loads(str(subscription["ThresholdExpression"]))["Dimensions"] == {
        "Key": "ANOMALY_TOTAL_IMPACT_ABSOLUTE",
        "MatchOptions": ["GREATER_THAN_OR_EQUAL"],
        "Values": [str(PROD_ACCOUNT.monthly_budget_usd // 100)],
    }


def test_no_log_of_the_account_is_kept_for_ever_or_unencrypted(template: Template) -> None:
    template.all_resources_properties("AWS::Logs::LogGroup", {"RetentionInDays": 365, "KmsKeyId": KEY})


def test_the_stack_is_not_deleted_by_mistake(tmp_path: Path) -> None:
    stack = AccountStack(build_app(outdir=tmp_path), baseline=PROD_ACCOUNT)

    assert stack.stack_name == "Flux-account"
    assert stack.termination_protection
    assert stack.account == ACCOUNT


CONTACT = SecurityContact(name="A", title="B", email="a@example.com", phone="+1 555 0100")


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("name", "Prod!", r"AccountBaseline\.name='Prod!': must be lower case"),
        ("account", "12", "12 digits"),
        ("region", "us", "must be an AWS region"),
        ("security_email", "nobody", "must be an e-mail address"),
        ("monthly_budget_usd", Decimal(0), "must be what the account may cost"),
        ("audit_days", 90, "must be 365 to 3650; PCI DSS"),
    ],
)
def test_a_bad_baseline_is_refused_by_name_with_its_remedy(
    field: str, value: str | int | Decimal, message: str
) -> None:
    good = {
        "name": "prod",
        "account": ACCOUNT,
        "region": "us-east-1",
        "security_email": "a@example.com",
        "contact": CONTACT,
        "monthly_budget_usd": Decimal(1),
        "record_objects": OptOut(reason="nobody reads what is there"),
    }
    AccountBaseline(**good)  # type: ignore[arg-type]

    with pytest.raises(ConfigError, match=message):
        AccountBaseline(**{**good, field: value})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("field", "value"), [("name", " "), ("title", ""), ("email", "x"), ("phone", "call me"), ("phone", "----")]
)
def test_aws_must_be_able_to_reach_the_contact(field: str, value: str) -> None:
    with pytest.raises(ConfigError, match=rf"SecurityContact\.{field}"):
        replace(CONTACT, **{field: value})


def test_an_account_has_one_baseline() -> None:
    with pytest.raises(ConfigError, match="each account has one baseline"):
        require_one_baseline_per_account((PROD_ACCOUNT, replace(PROD_ACCOUNT, name="other")))
    with pytest.raises(ConfigError, match="each account has one baseline"):
        require_one_baseline_per_account((PROD_ACCOUNT, replace(DEV_ACCOUNT, name="prod")))


def test_the_app_of_the_accounts_lists_one_stack_per_account_and_needs_no_build(
    templates: Mapping[str, Template],
) -> None:
    assert set(templates) == {f"Flux-account-{baseline.name}" for baseline in account_baselines()}
    assert len(templates) == 3
