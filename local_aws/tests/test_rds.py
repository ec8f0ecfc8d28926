"""A DB instance on this machine is a real PostgreSQL that follows its template."""

import os
import secrets
import signal
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta

import psycopg
import pytest
from botocore.exceptions import ClientError, WaiterError

from .emulator import Aws, running
from .stacks import CloudFormation, Resources, attribute

FIRST, SECOND = secrets.token_hex(10), secrets.token_hex(10)
OUTPUTS = {"Host": attribute("Database", "Endpoint.Address"), "Port": attribute("Database", "Endpoint.Port")}
PROPERTIES = {
    "Engine": "postgres",
    "DBInstanceClass": "db.t4g.medium",
    "AllocatedStorage": "20",
    "DBName": "shop",
    "Port": "15433",
    "MasterUsername": "owner",
    "MasterUserPassword": FIRST,
    "DBParameterGroupName": {"Ref": "Parameters"},
}


def database(password: str = FIRST, **parameters: str) -> Resources:
    return {
        "Parameters": {
            "Type": "AWS::RDS::DBParameterGroup",
            "Properties": {"Family": "postgres18", "Description": "test", "Parameters": parameters},
        },
        "Database": {
            "Type": "AWS::RDS::DBInstance",
            "DeletionPolicy": "Delete",
            "Properties": {**PROPERTIES, "MasterUserPassword": password},
        },
    }


def connect(aws: Aws, outputs: Mapping[str, str], password: str) -> psycopg.Connection:
    return psycopg.connect(
        host=outputs["Host"],
        port=outputs["Port"],
        dbname="shop",
        user="owner",
        password=password,
        sslmode="verify-full",
        sslrootcert=aws.authority,
        connect_timeout=5,
    )


def test_a_database_instance_is_postgresql_whose_master_is_no_superuser(cloudformation: CloudFormation) -> None:
    outputs = cloudformation.create("database", database(statement_timeout="7000"), OUTPUTS)
    with connect(cloudformation.aws, outputs, FIRST) as connection:
        row = connection.execute(
            "SELECT rolsuper, rolcreaterole, current_setting('statement_timeout') FROM pg_roles WHERE rolname = 'owner'"
        ).fetchone()
    assert row == (False, True, "7s")


def test_a_changed_password_and_parameter_reach_the_database_and_rows_stay(cloudformation: CloudFormation) -> None:
    outputs = cloudformation.create("changed", database(), OUTPUTS)
    with connect(cloudformation.aws, outputs, FIRST) as connection:
        connection.execute("CREATE TABLE sales AS SELECT 1 AS id")
    changed = database(SECOND, **{"statement_timeout": "9000", "rds.force_ssl": "1"})
    outputs = cloudformation.update("changed", changed, OUTPUTS)
    with connect(cloudformation.aws, outputs, SECOND) as connection:
        row = connection.execute("SELECT id, current_setting('statement_timeout') FROM sales").fetchone()
    assert row == (1, "9s")
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        connect(cloudformation.aws, outputs, FIRST)


def test_a_killed_database_comes_back_by_itself_on_its_port_with_its_rows(cloudformation: CloudFormation) -> None:
    aws = cloudformation.aws
    before = set(aws.state.glob("rds/*"))
    outputs = cloudformation.create("killed", database(), OUTPUTS)
    (data,) = set(aws.state.glob("rds/*")) - before
    for number in range(2):
        with connect(aws, outputs, FIRST) as connection:
            connection.execute("CREATE TABLE IF NOT EXISTS sales (id int)")
            connection.execute("INSERT INTO sales VALUES (%s)", [number])
        os.kill(int((data / "postmaster.pid").read_text().split()[0]), signal.SIGKILL)
        with come_back(lambda: connect(aws, outputs, FIRST)) as connection:
            assert connection.execute("SELECT max(id) FROM sales").fetchone() == (number,)
    assert (aws.state / "aws.log").read_text().count("serves again") >= 2


def come_back(connect: Callable[[], psycopg.Connection]) -> psycopg.Connection:
    for _ in range(200):
        try:
            connection = connect()
            connection.execute("SELECT 1")
        except psycopg.OperationalError:
            time.sleep(0.1)
        else:
            return connection
    raise AssertionError("the database has not come back")


def test_a_deleted_database_is_gone_with_its_data(cloudformation: CloudFormation) -> None:
    outputs = cloudformation.create("deleted", database(), OUTPUTS)
    before = set((cloudformation.aws.state / "rds").iterdir())
    cloudformation.delete("deleted")
    assert len(before - set((cloudformation.aws.state / "rds").iterdir())) == 1
    with pytest.raises(psycopg.OperationalError):
        connect(cloudformation.aws, outputs, FIRST)


def test_a_protected_database_is_not_deleted_and_so_neither_is_its_stack(cloudformation: CloudFormation) -> None:
    """RDS User Guide, "Deleting a DB instance": not while deletion protection is on."""
    template = database()
    protected = {**template["Database"], "Properties": {**PROPERTIES, "DeletionProtection": True}}
    outputs = cloudformation.create(
        "kept", {**template, "Database": protected}, OUTPUTS | {"Name": {"Ref": "Database"}}
    )
    with pytest.raises(WaiterError):
        cloudformation.delete("kept")
    assert cloudformation.status("kept") == "DELETE_FAILED"
    connect(cloudformation.aws, outputs, FIRST).close()

    rds = cloudformation.aws.session().client("rds", endpoint_url=cloudformation.aws.url)
    rds.modify_db_instance(DBInstanceIdentifier=outputs["Name"], DeletionProtection=False, ApplyImmediately=True)
    cloudformation.delete("kept")


def test_a_database_that_does_not_start_fails_the_stack_with_postgresqls_words(cloudformation: CloudFormation) -> None:
    with pytest.raises(WaiterError):
        cloudformation.create("database-that-does-not-start", database(work_mem="plenty"), OUTPUTS)
    assert 'invalid value for parameter "work_mem"' in cloudformation.reasons("database-that-does-not-start")
    assert cloudformation.status("database-that-does-not-start") == "ROLLBACK_COMPLETE"


def test_the_server_ends_with_everything_that_it_started() -> None:
    with running() as aws:
        outputs = CloudFormation.of(aws).create("database", database(), OUTPUTS)
        aws.process.terminate()
        assert aws.process.wait(timeout=30) == 0
        assert not list((aws.state / "rds").glob("*/postmaster.pid"))
        with pytest.raises(psycopg.OperationalError, match="refused"):
            connect(aws, outputs, FIRST)


def test_a_database_of_a_server_that_was_killed_ends_too() -> None:
    with running() as aws:
        outputs = CloudFormation.of(aws).create("database", database(), OUTPUTS)
        aws.process.kill()
        (data,) = (aws.state / "rds").iterdir()
        deadline = time.monotonic() + 60
        while (data / "postmaster.pid").exists() and time.monotonic() < deadline:
            time.sleep(0.1)
        with pytest.raises(psycopg.OperationalError, match="refused"):
            connect(aws, outputs, FIRST)
        assert not (data / "postmaster.pid").exists()


def test_a_stopped_instance_answers_nobody_until_it_is_started(cloudformation: CloudFormation) -> None:
    """RDS API Reference: StopDBInstance needs an available instance, StartDBInstance a stopped one."""
    outputs = cloudformation.create("stopped", database(), OUTPUTS | {"Name": {"Ref": "Database"}})
    rds = cloudformation.aws.session().client("rds", endpoint_url=cloudformation.aws.url)
    with pytest.raises(rds.exceptions.InvalidDBInstanceStateFault):
        rds.start_db_instance(DBInstanceIdentifier=outputs["Name"])
    rds.stop_db_instance(DBInstanceIdentifier=outputs["Name"])
    with pytest.raises(psycopg.OperationalError):
        connect(cloudformation.aws, outputs, FIRST)
    with pytest.raises(rds.exceptions.InvalidDBInstanceStateFault):
        rds.reboot_db_instance(DBInstanceIdentifier=outputs["Name"])
    rds.start_db_instance(DBInstanceIdentifier=outputs["Name"])
    connect(cloudformation.aws, outputs, FIRST).close()


def test_a_database_that_hangs_answers_again_after_a_reboot(cloudformation: CloudFormation) -> None:
    aws = cloudformation.aws
    before = set(aws.state.glob("rds/*"))
    outputs = cloudformation.create("hangs", database(), OUTPUTS | {"Name": {"Ref": "Database"}})
    (data,) = set(aws.state.glob("rds/*")) - before
    os.kill(int((data / "postmaster.pid").read_text().split()[0]), signal.SIGSTOP)
    with pytest.raises(psycopg.OperationalError):
        connect(aws, outputs, FIRST)
    rds = aws.session().client("rds", endpoint_url=aws.url)
    with pytest.raises(ClientError, match="not configured for MultiAZ"):
        rds.reboot_db_instance(DBInstanceIdentifier=outputs["Name"], ForceFailover=True)
    rds.reboot_db_instance(DBInstanceIdentifier=outputs["Name"])
    come_back(lambda: connect(aws, outputs, FIRST)).close()


def test_files_take_of_an_instances_storage_until_it_is_enlarged(cloudformation: CloudFormation) -> None:
    """RDS User Guide, "Amazon CloudWatch metrics for Amazon RDS": FreeStorageSpace, in bytes."""
    aws = cloudformation.aws
    before = set(aws.state.glob("rds/*"))
    outputs = cloudformation.create("filled", database(), OUTPUTS | {"Name": {"Ref": "Database"}})
    (data,) = set(aws.state.glob("rds/*")) - before
    with (data / "grown").open("wb") as file:
        file.truncate(19 * 1024**3)
    await_free_gib(aws, outputs["Name"], 0, 1)
    rds = aws.session().client("rds", endpoint_url=aws.url)
    rds.modify_db_instance(DBInstanceIdentifier=outputs["Name"], AllocatedStorage=40, ApplyImmediately=True)
    await_free_gib(aws, outputs["Name"], 20, 21)


def await_free_gib(aws: Aws, instance: str, least: float, most: float) -> None:
    cloudwatch = aws.session().client("cloudwatch", endpoint_url=aws.url)
    seen: list[float] = []
    for _ in range(300):
        now = datetime.now(UTC)
        points = cloudwatch.get_metric_statistics(
            Namespace="AWS/RDS",
            MetricName="FreeStorageSpace",
            Dimensions=[{"Name": "DBInstanceIdentifier", "Value": instance}],
            StartTime=now - timedelta(minutes=1),
            EndTime=now + timedelta(seconds=1),
            Period=1,
            Statistics=["Minimum"],
        )["Datapoints"]
        seen = [point["Minimum"] / 1024**3 for point in points]
        if any(least <= free <= most for free in seen):
            return
        time.sleep(0.2)
    raise AssertionError(f"FreeStorageSpace is {seen} GiB, not between {least} and {most}")
