"""Restore drills on the local AWS: a real backup, restored to another PostgreSQL and compared with the live one."""

import json
import secrets
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

from flux_infra.environments import LOCAL
from local import machine
from local.console import say
from local.till import AURORA, LOTUS, Restaurant
from ops.command import main
from tests.system.conftest import Flux

if TYPE_CHECKING:
    from mypy_boto3_secretsmanager import SecretsManagerClient

DRILL = ["restore-drill", "--env", "local"]
LIVE = "flux-local-database"


def test_a_drill_restores_the_latest_backup_compares_it_and_cleans_up(
    flux: Flux, capsys: pytest.CaptureFixture[str]
) -> None:
    with older_sale(flux, AURORA):
        assert main([*DRILL, "--backup-now"]) == 0, capsys.readouterr().out
    page = capsys.readouterr().out
    assert "Drill passed. Achieved: recovery point" in page
    assert "FAILED" not in page
    assert instances() == [LIVE]
    say(page.strip().splitlines()[-1])


def test_a_backup_from_before_a_rotation_of_the_owners_password_can_be_restored(
    flux: Flux, capsys: pytest.CaptureFixture[str]
) -> None:
    rds = machine.session().client("rds", endpoint_url=machine.AWS_URL)
    secrets_manager: SecretsManagerClient = machine.session().client("secretsmanager", endpoint_url=machine.AWS_URL)
    secret = secrets_manager.get_secret_value(SecretId=flux.platform.outputs["Data.OwnerSecretName"])
    today = json.loads(secret["SecretString"])["password"]
    with older_sale(flux, AURORA):
        rds.modify_db_instance(DBInstanceIdentifier=LIVE, MasterUserPassword=secrets.token_hex(20))
        try:
            back_up(flux)
        finally:
            rds.modify_db_instance(DBInstanceIdentifier=LIVE, MasterUserPassword=today)
        assert main(DRILL) == 0, capsys.readouterr().out
    assert instances() == [LIVE]


def test_a_backup_from_which_rows_are_missing_is_noticed(flux: Flux, capsys: pytest.CaptureFixture[str]) -> None:
    # Stored long before the latest backup as far as anybody can see, and not in it.
    with older_sale(flux, LOTUS):
        assert main(DRILL) == 1
    (line,) = [line for line in capsys.readouterr().out.splitlines() if "rows of transactions" in line]
    assert line.split()[0] == "FAILED"
    assert line.endswith("; 1 missing")
    assert instances() == [LIVE]


def test_a_drill_that_cannot_be_finished_leaves_no_instance_behind(
    flux: Flux, capsys: pytest.CaptureFixture[str]
) -> None:
    with flux.platform.tenant(AURORA.restaurant_id, as_owner=True) as connection:
        connection.execute("CREATE TABLE forgotten (id integer)")
    try:
        assert main(DRILL) == 1
    finally:
        with flux.platform.tenant(AURORA.restaurant_id, as_owner=True) as connection:
            connection.execute("DROP TABLE forgotten")
    captured = capsys.readouterr()
    assert "tables forgotten: nobody would notice if a backup lacked their rows" in captured.err
    assert "restoring awsbackup:job-" in captured.out  # it had begun
    assert instances() == [LIVE]


def back_up(flux: Flux) -> None:
    backups = machine.session().client("backup", endpoint_url=machine.AWS_URL)
    job = backups.start_backup_job(
        BackupVaultName=flux.platform.outputs["Data.BackupVaultName"],
        ResourceArn=f"arn:aws:rds:{LOCAL.region}:{LOCAL.account}:db:{LIVE}",
        IamRoleArn=flux.platform.outputs["Data.BackupRoleArn"],
    )
    assert backups.describe_backup_job(BackupJobId=job["BackupJobId"])["State"] == "COMPLETED"


@contextmanager
def older_sale(flux: Flux, restaurant: Restaurant) -> Iterator[None]:
    """A sale that was stored an hour ago."""
    order = uuid.uuid4().hex
    with flux.platform.tenant(restaurant.restaurant_id, as_owner=True) as connection:
        connection.execute(
            "INSERT INTO transactions"
            " (restaurant_id, provider, provider_order_id, version, state, sold_at, total_minor, currency, created_at)"
            " VALUES (%s, 'square', %s, 1, 'canceled', now(), 0, 'USD', now() - interval '1 hour')",
            [restaurant.restaurant_id, order],
        )
    try:
        yield
    finally:
        with flux.platform.tenant(restaurant.restaurant_id, as_owner=True) as connection:
            connection.execute("DELETE FROM transactions WHERE provider_order_id = %s", [order])


def instances() -> list[str]:
    rds = machine.session().client("rds", endpoint_url=machine.AWS_URL)
    return [instance["DBInstanceIdentifier"] for instance in rds.describe_db_instances()["DBInstances"]]
