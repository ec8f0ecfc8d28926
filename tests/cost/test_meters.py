"""That meters count as AWS bills, by examples that others have worked out."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import pytest

from cost.comparison import changes
from cost.estimate import Estimate, Item, estimate
from cost.prices import price_of
from cost.traffic import DAYS, PROD, SECONDS, Traffic
from policy.model import WrittenStack
from policy.values import Json

QUIET = Traffic(restaurants=1, sales_a_day=0, people_a_second=0, page_loads_a_day=0, flow_log_bytes=0)

type Resources = Mapping[str, tuple[str, Mapping[str, Json]]]


def items(resources: Resources, traffic: Traffic = QUIET) -> Mapping[str, float]:
    """USD by item."""
    stack = WrittenStack(
        name="Flux-prod-Data",
        stage="prod",
        layer="Data",
        account="333333333333",
        region="us-east-1",
        template={
            "Resources": {name: {"Type": kind, "Properties": dict(what)} for name, (kind, what) in resources.items()}
        },
        paths={},
        termination_protection=True,
        tags={},
        known=True,
        deployed={},
    )
    sums: dict[str, float] = {}
    for item in estimate([stack], traffic=traffic).items:
        sums[item.item] = round(sums.get(item.item, 0) + item.usd, 2)
    return sums


def test_a_nat_gateway_with_its_address_costs_what_others_count() -> None:
    # cloudburn.io: 32.85 USD for 730 hours of the gateway; the address is 0.005 USD an hour.
    assert items({"Nat": ("AWS::EC2::NatGateway", {}), "Address": ("AWS::EC2::EIP", {})}) == {
        "NAT gateways": 32.85,
        "public addresses": 3.65,
    }


def test_nat_gateways_share_the_bytes_that_go_through_them() -> None:
    one = items({"A": ("AWS::EC2::NatGateway", {})}, PROD)
    three = items({name: ("AWS::EC2::NatGateway", {}) for name in "ABC"}, PROD)
    assert three["NAT bytes"] == pytest.approx(one["NAT bytes"], abs=0.01)
    assert three["NAT gateways"] == pytest.approx(3 * one["NAT gateways"])


@pytest.mark.parametrize(
    ("kind", "subnets", "expected"),
    [("Interface", ["a", "b", "c"], {"interface endpoints": 21.9}), ("Gateway", [], {})],
)
def test_interface_endpoints_cost_by_zone_and_gateways_nothing(
    kind: str, subnets: Sequence[str], expected: Mapping[str, float]
) -> None:
    endpoint: Mapping[str, Json] = {
        "VpcEndpointType": kind,
        "SubnetIds": subnets,
        "ServiceName": "com.amazonaws.us-east-1.kms",
    }
    assert items({"Endpoint": ("AWS::EC2::VPCEndpoint", endpoint)}) == expected


@pytest.mark.parametrize(("standby", "instance", "storage"), [(False, 11.68, 2.3), (True, 23.36, 4.6)])
def test_a_standby_doubles_the_database_and_its_storage(standby: bool, instance: float, storage: float) -> None:  # noqa: FBT001 - a parameter
    # infratally.com: db.t4g.micro 11.68 USD a month, 23.36 with a standby.
    database: Mapping[str, Json] = {
        "DBInstanceClass": "db.t4g.micro",
        "AllocatedStorage": "20",
        "MultiAZ": standby,
    }
    assert items({"Database": ("AWS::RDS::DBInstance", database)}) == {
        "database": instance,
        "database storage": storage,
    }


def test_sales_fill_the_database_up_to_its_limit_and_the_copies_of_it() -> None:
    rule: Json = {"Lifecycle": {"DeleteAfterDays": 35}, "CopyActions": [{"DestinationBackupVaultArn": "arn:there"}]}
    database: Mapping[str, Json] = {
        "DBInstanceClass": "db.t4g.micro",
        "AllocatedStorage": "100",
        "MaxAllocatedStorage": 400,
    }
    plan = {"BackupPlan": {"BackupPlanRule": [rule]}}
    busy = replace(QUIET, sales_a_day=10_000_000, sale_bytes=1_000, sale_days=90)  # 900 GB of sales, 10 GB a day
    found = items({"Database": ("AWS::RDS::DBInstance", database), "Plan": ("AWS::Backup::BackupPlan", plan)}, busy)
    assert found["database storage of sales"] == pytest.approx((400 - 100) * 0.115)
    assert found["backups"] == pytest.approx((400 + 350 - 400) * 0.095)
    assert found["backups in a second region"] == pytest.approx((400 + 350) * 0.095)
    assert found["bytes to a second region"] == pytest.approx(10 * DAYS * 0.02)


def test_a_firewall_with_ten_rules_and_fifty_million_requests_costs_45_usd() -> None:
    # The worked example of c3x.dev, "AWS WAF cost explained".
    rules: Json = [{"Name": str(number)} for number in range(10)]
    busy = replace(QUIET, people_a_second=50_000_000 / SECONDS)
    assert sum(items({"Acl": ("AWS::WAFv2::WebACL", {"Rules": rules})}, busy).values()) == pytest.approx(45)


@pytest.mark.parametrize(("millions", "usd"), [(1, 1), (100, 100), (500, 480), (1_000, 930)])
def test_api_requests_become_cheaper_above_three_hundred_million(millions: float, usd: float) -> None:
    assert price_of("api-requests").cost(millions) == pytest.approx(usd)


@pytest.mark.parametrize(
    ("loud", "quiet", "item"),
    [
        (
            {"LoggingConfig": {"LogFormat": "JSON"}},
            {"LoggingConfig": {"SystemLogLevel": "WARN"}},
            "Lambda's own log lines",
        ),
        ({"TracingConfig": {"Mode": "Active"}}, {"TracingConfig": {"Mode": "PassThrough"}}, "traces of webhook"),
    ],
)
def test_what_a_function_is_told_not_to_write_costs_nothing(
    loud: Mapping[str, Json], quiet: Mapping[str, Json], item: str
) -> None:
    webhook: Mapping[str, Json] = {
        "MemorySize": 512,
        "Environment": {"Variables": {"POWERTOOLS_SERVICE_NAME": "webhook"}},
    }
    with_it = items({"Function": ("AWS::Lambda::Function", {**webhook, **loud})}, PROD)
    without = items({"Function": ("AWS::Lambda::Function", {**webhook, **quiet})}, PROD)
    assert with_it[item] > 200
    assert item not in without
    # 1,520 million calls of 25 ms at half a GB: the calls, and 19 million GB-seconds.
    assert (without["calls of webhook"], without["time of webhook"]) == (304.0, 316.67)


def test_an_alarm_costs_by_the_metrics_that_it_reads() -> None:
    of_two: Json = [{"Expression": "a / b"}, {"MetricStat": {}}, {"MetricStat": {}}]
    alarms: Resources = {
        "One": ("AWS::CloudWatch::Alarm", {"MetricName": "Errors"}),
        "Two": ("AWS::CloudWatch::Alarm", {"Metrics": of_two}),
        "Both": ("AWS::CloudWatch::CompositeAlarm", {}),
    }
    assert items(alarms) == {"alarms": 0.3, "composite alarms": 0.5}


def test_metrics_by_route_cost_where_they_are_switched_on() -> None:
    stage: Mapping[str, Json] = {"DefaultRouteSettings": {"DetailedMetricsEnabled": True}}
    routes: Resources = {name: ("AWS::ApiGatewayV2::Route", {}) for name in "AB"}
    assert items({"Stage": ("AWS::ApiGatewayV2::Stage", stage), **routes}) == {"metrics by route": 3.6}


def test_what_differs_between_two_estimates_is_named_greatest_first() -> None:
    def one(**usd: float) -> Estimate:
        made = (
            Item(layer="Data", item=name, price="key", quantity=1, traffic=False, usd=amount)
            for name, amount in usd.items()
        )
        return Estimate(environment="prod", restaurants=1, items=tuple(made))

    found = changes(one(keys=2, cache=10, secrets=1), one(keys=3, cache=10, model=50))
    assert [(change.item, change.usd) for change in found] == [("model", 50), ("keys", 1), ("secrets", -1)]
