"""What a drill makes of what it finds; drills on a real PostgreSQL are in tests/system."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import boto3
import pytest
from botocore.exceptions import ClientError

from flux_infra.config import Backups
from flux_infra.environments import DEV, LOCAL, PROD
from ops.aws import Aws
from ops.command import main
from ops.errors import OpsError
from ops.restore.backups import RecoveryPoint
from ops.restore.checks import Check, Inspection, RestaurantRows, compare, judge, words
from ops.restore.drill import Drill, DrillOptions, as_text, run_drill
from ops.restore.instance import restored
from ops.stacks import DeployedStack

pytestmark = pytest.mark.slow

if TYPE_CHECKING:
    from mypy_boto3_rds.type_defs import DBInstanceTypeDef

    type Page = dict[str, list[DBInstanceTypeDef]]

NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)
POINT = RecoveryPoint(snapshot="awsbackup:job-1", taken=NOON)
MIB = 1024**2


def inspection(
    *rows: Mapping[str, int], last_sales: str | None = "same", table_bytes: Mapping[str, int] | None = None
) -> Inspection:
    tables = dict.fromkeys([table for each in rows for table in each], 8_192)
    return Inspection(
        revision="0005",
        restaurants=len(rows),
        table_bytes={**tables, **(table_bytes or {})},
        sample=tuple(
            RestaurantRows(id=str(number), rows=each, last_sales=last_sales) for number, each in enumerate(rows)
        ),
        newest_sale=NOON,
        newest_forecast=None,
    )


def failed(live: Inspection, there: Inspection) -> list[str]:
    return [check.what for check in compare(live, there) if not check.passed]


def test_a_backup_that_holds_what_was_there_passes_and_may_hold_what_was_deleted_since() -> None:
    assert failed(inspection({"users": 3, "transactions": 5}), inspection({"users": 4, "transactions": 5})) == []


def test_one_missing_row_is_noticed_although_another_restaurant_has_one_more() -> None:
    live, there = inspection({"users": 3}, {"users": 3}), inspection({"users": 2}, {"users": 4})
    assert failed(live, there) == ["rows of users"]


def test_a_table_that_the_backup_does_not_have_lacks_all_its_rows() -> None:
    assert failed(inspection({"users": 3, "menu_items": 1}), inspection({"users": 3})) == ["rows of menu_items"]


def test_lines_of_orders_that_changed_since_are_no_loss_but_more_are() -> None:
    live = inspection({"transaction_items": 1_000})
    assert failed(live, inspection({"transaction_items": 990})) == []
    assert failed(live, inspection({"transaction_items": 989})) == ["rows of transaction_items"]


def test_other_last_sales_are_noticed_although_their_number_is_right() -> None:
    live, there = inspection({"transactions": 5}), inspection({"transactions": 5}, last_sales="other")
    assert failed(live, there) == ["each restaurant's last twenty sales"]


def test_a_large_table_that_shrank_is_noticed_although_the_sample_is_whole() -> None:
    live = inspection({"users": 1}, table_bytes={"transactions": 100 * MIB})
    assert failed(live, inspection({"users": 1}, table_bytes={"transactions": 70 * MIB})) == ["size of transactions"]
    assert failed(live, inspection({"users": 1}, table_bytes={"transactions": 90 * MIB})) == []


def test_a_drill_that_compared_nothing_has_not_passed() -> None:
    assert failed(inspection({"users": 0}), inspection({"users": 0})) == ["rows to compare"]


@pytest.mark.parametrize(
    ("lost", "took", "missed"),
    [
        (timedelta(hours=26), timedelta(minutes=120), []),
        (timedelta(hours=26, seconds=1), timedelta(minutes=5), ["recovery point"]),
        (timedelta(hours=1), timedelta(minutes=120, seconds=1), ["recovery time"]),
    ],
)
def test_targets_of_the_configuration_are_met_or_the_drill_fails(
    lost: timedelta, took: timedelta, missed: list[str]
) -> None:
    assert isinstance(PROD.backups, Backups)
    assert [check.what for check in judge(PROD.backups, lost=lost, took=took) if not check.passed] == missed


def test_the_page_says_what_failed_and_what_was_achieved() -> None:
    found = inspection({"users": 3})
    checks = (Check(what="rows of users", passed=False, found="2 restored, 3 live; 1 missing"),)
    drill = Drill(
        environment="prod",
        point=POINT,
        lost=timedelta(hours=5, minutes=12),
        took=timedelta(minutes=34),
        live=found,
        restored=found,
        checks=checks,
    )
    page = as_text(drill)
    assert "FAILED  rows of users  2 restored, 3 live; 1 missing" in page
    assert "Drill FAILED: 1 of 1 checks. Achieved: recovery point 5 h 12 min, recovery time 34 min 0 s." in page
    assert (words(timedelta(seconds=9)), words(timedelta(hours=26))) == ("9 s", "26 h")


def test_an_environment_without_backups_says_why_it_has_none() -> None:
    aws = Aws(config=DEV, session=boto3.Session(region_name="us-east-1"), url=None, operator="arn")
    with pytest.raises(OpsError, match="a preview's vault with backups in it could not be deleted"):
        run_drill(aws, DrillOptions(), echo=print)


def test_a_number_of_restaurants_that_makes_no_sense_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["restore-drill", "--env", "prod", "--restaurants", "0"])
    assert "give a number from 1 to 500" in capsys.readouterr().err


class SlowRds:
    """RDS as it is while it works: what is being created cannot be deleted, and what is deleted stays for a while.

    looks: the status at each look, then gone.
    """

    def __init__(self, *looks: str) -> None:
        self.looks = list(looks)
        self.asked: list[str] = []

    def describe_db_instances(self, *, DBInstanceIdentifier: str = "", Marker: str = "") -> "Page":  # noqa: N803
        del Marker
        if not self.looks:
            raise _refusal("DBInstanceNotFound")
        return {"DBInstances": [instance(DBInstanceIdentifier, self.looks.pop(0))]}

    def restore_db_instance_from_db_snapshot(self, **request: object) -> None:
        self.asked.append("restore")
        assert request["PubliclyAccessible"] is False
        assert request["VpcSecurityGroupIds"] == ["sg-restored"]

    def delete_db_instance(
        self,
        *,
        DBInstanceIdentifier: str,  # noqa: N803
        SkipFinalSnapshot: bool,  # noqa: N803
        DeleteAutomatedBackups: bool,  # noqa: N803
    ) -> None:
        assert DBInstanceIdentifier.startswith("flux-local-drill-")
        assert SkipFinalSnapshot
        assert DeleteAutomatedBackups
        self.asked.append("delete")
        if self.looks[:1] == ["creating"]:
            raise _refusal("InvalidDBInstanceState")


def _refusal(code: str) -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": code}}, "Operation")


def instance(name: str, status: str) -> "DBInstanceTypeDef":
    return {
        "DBInstanceIdentifier": name,
        "DBInstanceArn": f"arn:aws:rds:us-east-1:000000000000:db:{name}",
        "DBInstanceClass": "db.t4g.medium",
        "DBInstanceStatus": status,
        "Endpoint": {"Address": "127.0.0.1", "Port": 5433},
        "DBSubnetGroup": {"DBSubnetGroupName": "isolated"},
        "DBParameterGroups": [{"DBParameterGroupName": "parameters"}],
    }


DATA = DeployedStack(
    name="Flux-local-Data",
    status="CREATE_COMPLETE",
    outputs={"RestoredSecurityGroupId": "sg-restored"},
    resources={},
    types={},
)


def drill_on(rds: SlowRds) -> tuple[Aws, Sequence[str]]:
    aws = Aws(config=LOCAL, session=boto3.Session(region_name="us-east-1"), url="http://127.0.0.1:1", operator="arn")
    aws.__dict__["databases"] = rds  # where the cached property keeps its client
    said: list[str] = []
    return aws, said


@pytest.mark.parametrize("interruption", [KeyboardInterrupt, OpsError("the function failed", remedy="none")])
def test_what_was_restored_is_deleted_whatever_ends_the_drill(
    interruption: type[BaseException] | BaseException,
) -> None:
    rds = SlowRds("available", "available", "deleting")
    aws, said = drill_on(rds)
    with (
        pytest.raises((KeyboardInterrupt, OpsError)),
        restored(aws, DATA, instance("live", "available"), POINT, echo=list(said).append),
    ):
        raise interruption
    assert rds.asked == ["restore", "delete"]
    assert rds.looks == []


def test_an_instance_that_cannot_be_deleted_yet_is_deleted_later() -> None:
    rds = SlowRds("failed", "creating", "creating", "available", "deleting")
    aws, said = drill_on(rds)
    with (
        pytest.raises(OpsError, match="is failed"),
        restored(aws, DATA, instance("live", "available"), POINT, echo=list(said).append),
    ):
        pass
    assert rds.asked[0] == "restore"
    assert rds.asked.count("delete") >= 2
    assert rds.looks == []
