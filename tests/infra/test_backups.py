"""Backups of the database: what the plan does, who may touch them, and what a drill restores into."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import cast

import pytest
from aws_cdk import App
from aws_cdk.assertions import Match, Template

from flux_infra.config import Backups
from flux_infra.copies.stack import BackupCopiesStack
from flux_infra.environments import PROD
from tests.infra.templates import PROJECT, Resource, Templates, properties, resources, whole

VAULT, PLAN, SELECTION = "AWS::Backup::BackupVault", "AWS::Backup::BackupPlan", "AWS::Backup::BackupSelection"


@pytest.fixture(scope="module")
def copies() -> Template:
    assert isinstance(PROD.backups, Backups)
    return Template.from_stack(
        BackupCopiesStack(
            App(builtin_cloud_formation_validation=False),
            config=PROD,
            settings=PROD.backups,
            region=str(PROD.backups.copy_region),
        )
    )


def rule(templates: Templates) -> Resource:
    (plan,) = properties(templates.data, PLAN)
    (only,) = cast("list[Resource]", cast("Resource", plan["BackupPlan"])["BackupPlanRule"])
    return only


def test_the_database_is_backed_up_every_day_and_kept_as_configured(prod: Templates) -> None:
    daily = rule(prod)
    assert daily["ScheduleExpression"] == "cron(0 10 * * ? *)"
    assert daily["Lifecycle"] == {"DeleteAfterDays": 35}
    (selection,) = properties(prod.data, SELECTION)
    chosen = json.dumps(cast("Resource", selection["BackupSelection"])["Resources"])
    assert "arn:aws:rds:us-east-1:333333333333:db:" in chosen
    assert "DatabaseInstance" in chosen


@pytest.mark.parametrize("name", ["staging", "prod"])
def test_the_vault_is_ours_locked_and_stays(name: str, request: pytest.FixtureRequest) -> None:
    templates: Templates = request.getfixturevalue(name)
    templates.data.has_resource(
        VAULT,
        {
            "Properties": {
                "BackupVaultName": f"flux-{name}-backups",
                "EncryptionKeyArn": {"Fn::GetAtt": [Match.string_like_regexp("^Key"), "Arn"]},
                "LockConfiguration": {"MinRetentionDays": 35, "MaxRetentionDays": 366},  # governance: no ChangeableFor
            },
            "DeletionPolicy": "RetainExceptOnCreate",
            "UpdateReplacePolicy": "Retain",
        },
    )


def test_only_production_copies_its_backups(prod: Templates, staging: Templates) -> None:
    (copy,) = cast("list[Resource]", rule(prod)["CopyActions"])
    assert copy["DestinationBackupVaultArn"] == "arn:aws:backup:us-west-2:333333333333:backup-vault:flux-prod-copies"
    assert copy["Lifecycle"] == {"DeleteAfterDays": 35}
    assert "CopyActions" not in rule(staging)


def test_what_opts_out_of_backups_has_nothing_of_them(dev: Templates) -> None:
    for layer in (dev.data, dev.compute, dev.monitoring):
        assert not [name for name in resources(layer) if name.startswith(("Backups", "Restored"))]
    assert "drill" not in json.dumps(whole(dev.compute))


def test_aws_backup_acts_in_a_role_of_ours_about_our_database(prod: Templates) -> None:
    (role,) = [r for name, r in resources(prod.data, "AWS::IAM::Role").items() if name.startswith("BackupsRole")]
    assert "ManagedPolicyArns" not in cast("Resource", role["Properties"])  # ours is attached from its own side
    policies = resources(prod.data, "AWS::IAM::ManagedPolicy").items()
    (policy,) = [p for name, p in policies if name.startswith("BackupsRole")]
    written = json.dumps(policy)
    everywhere = re.findall(r'"Action": ([^{}]*), "Effect": "Allow", "Resource": "\*"', written)
    assert everywhere == ['["backup:CopyFromBackupVault", "tag:GetResources"]']  # which know no narrower one
    assert written.count('"Resource": "*"') == 1
    assert "rds:Restore" not in written
    assert "arn:aws:rds:us-east-1:333333333333:db:flux-prod-database" in written


def test_only_the_migrate_function_reaches_what_a_drill_restores(prod: Templates) -> None:
    (group,) = [name for name in resources(prod.data, "AWS::EC2::SecurityGroup") if name.startswith("Restored")]
    doors = [
        door
        for door in properties(prod.compute, "AWS::EC2::SecurityGroupIngress")
        if f"{group}GroupId" in json.dumps(door["GroupId"])
    ]
    (door,) = doors
    assert "FunctionsMigrateSecurityGroup" in json.dumps(door["SourceSecurityGroupId"])
    assert (door["FromPort"], door["ToPort"]) == (5433, 5433)


def test_no_backup_for_two_days_is_an_alarm_although_nothing_failed(prod: Templates) -> None:
    prod.monitoring.has_resource_properties(
        "AWS::CloudWatch::Alarm",
        {
            "AlarmName": "flux-prod-backup-missing",
            "Metrics": [
                # What was kept before would count in place of days without data.
                Match.object_like({"Expression": "FILL(came, 0)"}),
                Match.object_like(
                    {
                        "MetricStat": {
                            "Metric": Match.object_like({"MetricName": "NumberOfBackupJobsCompleted"}),
                            "Period": 86_400,
                            "Stat": "Sum",
                        }
                    }
                ),
            ],
            "EvaluationPeriods": 2,
            "TreatMissingData": "breaching",
            "AlarmActions": [Match.any_value()],
        },
    )


def test_nobody_can_ever_unlock_the_copies(copies: Template) -> None:
    copies.has_resource(
        VAULT,
        {
            "Properties": {
                "BackupVaultName": "flux-prod-copies",
                "EncryptionKeyArn": {"Fn::GetAtt": [Match.string_like_regexp("^Key"), "Arn"]},
                # ChangeableForDays makes it compliance mode: after three days the lock is final.
                "LockConfiguration": {"ChangeableForDays": 3, "MinRetentionDays": 35, "MaxRetentionDays": 366},
            },
            "DeletionPolicy": "RetainExceptOnCreate",
        },
    )
    copies.has_resource_properties("AWS::KMS::Alias", {"AliasName": "alias/flux-prod-copies"})
    copies.has_resource_properties("AWS::KMS::Key", {"EnableKeyRotation": True})


@pytest.mark.slow
def test_the_copies_vault_is_an_app_of_its_own_in_the_second_region(tmp_path: Path) -> None:
    subprocess.run(
        [sys.executable, "-m", "flux_infra.apps.backup_copies"],
        cwd=PROJECT,
        check=True,
        env={**os.environ, "CDK_OUTDIR": str(tmp_path), "CDK_VALIDATION": "false"},
    )
    manifest = json.loads((tmp_path / "manifest.json").read_text())
    stacks = {name: a for name, a in manifest["artifacts"].items() if a["type"] == "aws:cloudformation:stack"}
    assert list(stacks) == ["Flux-backup-copies-prod"]
    assert stacks["Flux-backup-copies-prod"]["environment"] == "aws://333333333333/us-west-2"
    assert stacks["Flux-backup-copies-prod"]["properties"]["terminationProtection"]
