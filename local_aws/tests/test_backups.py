"""A backup on this machine is a real one: what is restored from it is another PostgreSQL, as it was at that moment."""

import secrets
from collections.abc import Mapping

import psycopg
import pytest
from botocore.exceptions import ClientError

from .emulator import Aws
from .stacks import CloudFormation, Resources, attribute
from .test_rds import FIRST, OUTPUTS, SECOND, connect, database

VAULT = f"vault-{secrets.token_hex(4)}"
ROLE = "arn:aws:iam::000000000000:role/backup"


def backed_up(password: str = FIRST) -> Resources:
    return {
        **database(password),
        "Vault": {
            "Type": "AWS::Backup::BackupVault",
            "Properties": {"BackupVaultName": VAULT, "LockConfiguration": {"MinRetentionDays": 7}},
        },
        "Plan": {
            "Type": "AWS::Backup::BackupPlan",
            "Properties": {
                "BackupPlan": {
                    "BackupPlanName": "daily",
                    "BackupPlanRule": [{"RuleName": "daily", "TargetBackupVault": VAULT}],
                }
            },
        },
        "Selection": {
            "Type": "AWS::Backup::BackupSelection",
            "Properties": {
                "BackupPlanId": {"Ref": "Plan"},
                "BackupSelection": {"SelectionName": "db", "IamRoleArn": ROLE, "Resources": ["arn:aws:rds:*"]},
            },
        },
    }


DETAILS = {
    **OUTPUTS,
    "Instance": {"Ref": "Database"},
    "Plan": {"Ref": "Plan"},
    "Selection": attribute("Selection", "SelectionId"),
}


def back_up(aws: Aws, instance: str) -> str:
    """Run a backup job; returns the snapshot that it left."""
    client = aws.session().client("backup", endpoint_url=aws.url)
    arn = f"arn:aws:rds:us-east-1:000000000000:db:{instance}"
    job = client.start_backup_job(BackupVaultName=VAULT, ResourceArn=arn, IamRoleArn=ROLE)
    assert client.describe_backup_job(BackupJobId=job["BackupJobId"])["State"] == "COMPLETED"
    newest = client.list_recovery_points_by_backup_vault(BackupVaultName=VAULT, ByResourceArn=arn)["RecoveryPoints"][0]
    assert newest["RecoveryPointArn"] == job["RecoveryPointArn"]
    _, _, snapshot = str(job["RecoveryPointArn"]).partition(":snapshot:")
    return snapshot


def endpoint(aws: Aws, instance: str) -> Mapping[str, str]:
    rds = aws.session().client("rds", endpoint_url=aws.url)
    (found,) = rds.describe_db_instances(DBInstanceIdentifier=instance)["DBInstances"]
    return {"Host": found["Endpoint"]["Address"], "Port": str(found["Endpoint"]["Port"])}


def test_a_restored_instance_stands_beside_the_live_one_and_is_as_it_was(cloudformation: CloudFormation) -> None:
    aws = cloudformation.aws
    rds = aws.session().client("rds", endpoint_url=aws.url)
    live = cloudformation.create("backed-up", backed_up(), DETAILS)
    backups = aws.session().client("backup", endpoint_url=aws.url)
    assert backups.describe_backup_vault(BackupVaultName=VAULT)["Locked"]
    chosen = backups.get_backup_selection(BackupPlanId=live["Plan"], SelectionId=live["Selection"])
    assert chosen["BackupSelection"]["IamRoleArn"] == ROLE

    with connect(aws, live, FIRST) as connection:
        connection.execute("CREATE TABLE sales AS SELECT 1 AS id")
    snapshot = back_up(aws, live["Instance"])
    with connect(aws, live, FIRST) as connection:
        connection.execute("INSERT INTO sales VALUES (2)")
    live = cloudformation.update("backed-up", backed_up(SECOND), DETAILS)

    rds.restore_db_instance_from_db_snapshot(
        DBInstanceIdentifier="beside",
        DBSnapshotIdentifier=snapshot,
        VpcSecurityGroupIds=["sg-1"],
        Tags=[{"Key": "Purpose", "Value": "drill"}],
    )
    (record,) = rds.describe_db_instances(DBInstanceIdentifier="beside")["DBInstances"]
    assert [group["VpcSecurityGroupId"] for group in record["VpcSecurityGroups"]] == ["sg-1"]
    assert record["TagList"] == [{"Key": "Purpose", "Value": "drill"}]
    beside = endpoint(aws, "beside")
    assert beside["Port"] != live["Port"]
    with connect(aws, beside, FIRST) as restored, connect(aws, live, SECOND) as changed:
        assert restored.execute("SELECT array_agg(id) FROM sales").fetchone() == ([1],)
        assert changed.execute("SELECT array_agg(id ORDER BY id) FROM sales").fetchone() == ([1, 2],)

    rds.modify_db_instance(DBInstanceIdentifier="beside", MasterUserPassword=SECOND, ApplyImmediately=True)
    with connect(aws, endpoint(aws, "beside"), SECOND) as restored:
        assert restored.execute("SELECT count(*) FROM sales").fetchone() == (1,)

    rds.delete_db_instance(DBInstanceIdentifier="beside", SkipFinalSnapshot=True)
    with pytest.raises(psycopg.OperationalError):
        connect(aws, beside, SECOND)
    assert not (aws.state / "rds" / "beside").exists()
    with connect(aws, live, SECOND) as connection:
        connection.execute("SELECT 1")


def test_a_backup_of_a_database_that_is_not_there_fails_as_a_job(cloudformation: CloudFormation) -> None:
    client = cloudformation.aws.session().client("backup", endpoint_url=cloudformation.aws.url)
    client.create_backup_vault(BackupVaultName="empty")
    arn = "arn:aws:rds:us-east-1:000000000000:db:nowhere"
    job = client.start_backup_job(BackupVaultName="empty", ResourceArn=arn, IamRoleArn=ROLE)
    described = client.describe_backup_job(BackupJobId=job["BackupJobId"])
    assert (described["State"], described["StatusMessage"]) == ("FAILED", "DBInstance nowhere not found")
    assert client.list_recovery_points_by_backup_vault(BackupVaultName="empty")["RecoveryPoints"] == []
    with pytest.raises(ClientError, match="not found"):
        client.list_recovery_points_by_backup_vault(BackupVaultName="none")
