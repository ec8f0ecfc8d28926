from collections.abc import Callable
from dataclasses import replace
from typing import get_args

import botocore.session
import pytest

from flux_infra.config import (
    Backups,
    BypassedAlarms,
    ConfigError,
    Database,
    Domain,
    FluxConfig,
    Functions,
    LatencyObjective,
    Model,
    Network,
    OptOut,
    ReleasedFunction,
    Throttle,
    TrafficShift,
    Worker,
)
from flux_infra.config.regions import REGIONS
from flux_infra.config.release_thresholds import GateRule, LatencyRule, ReleaseThresholds, SustainedRule
from flux_infra.config.safeguards import Safeguard
from flux_infra.config.standing import require_standing
from flux_infra.environments import DELIVERY, DEV, LOCAL, PROD, STAGING

ZONES = ("use1-az1", "use1-az2")
SIZE = ReleasedFunction(memory_mib=512, timeout_seconds=10, concurrency=10)
STANDING = (LOCAL, DEV, STAGING, PROD)
HELD = BypassedAlarms(reason="mends the 500s of release 412")
FOREVER = LatencyObjective(p99_seconds=10, reason="somebody who waits until the timeout")
WORKER = Worker(memory_mib=512, timeout_seconds=60, concurrency=10, polled_concurrency=8)


@pytest.mark.parametrize(
    ("build", "field", "remedy"),
    [
        (lambda: OptOut(reason="because"), "OptOut.reason", "a successor can judge"),
        (lambda: OptOut(reason=". . . ."), "OptOut.reason", "a successor can judge"),
        (lambda: LatencyObjective(p99_seconds=1.0, reason="because"), "LatencyObjective.reason", "who waits"),
        (
            lambda: LatencyObjective(p99_seconds=0, reason="owners wait for the page"),
            "LatencyObjective.p99_seconds",
            "above 0",
        ),
        (
            lambda: replace(SIZE, latency_objective=FOREVER),
            "ReleasedFunction.latency_objective.p99_seconds",
            "below timeout_seconds=10",
        ),
        (lambda: Network(cidr="10.0.0.0/8", zones=ZONES, nat_gateways=1), "Network.cidr", "/16 to /20"),
        (lambda: Network(cidr="10.0.0.300/16", zones=ZONES, nat_gateways=1), "Network.cidr", "write one like"),
        (lambda: Network(cidr="8.8.0.0/16", zones=ZONES, nat_gateways=1), "Network.cidr", "private range"),
        (lambda: replace(DEV.network, cidr="127.0.0.0/16"), "Network.cidr", "private range"),
        (lambda: replace(DEV.network, cidr="169.254.0.0/16"), "Network.cidr", "private range"),
        (lambda: replace(DEV.network, cidr="198.18.0.0/16"), "Network.cidr", "private range"),
        (lambda: replace(DEV.network, cidr="250.0.0.0/16"), "Network.cidr", "private range"),
        (lambda: Network(cidr="10.0.0.0/16", zones=("use1-az1",), nat_gateways=1), "Network.zones", "a second zone"),
        (lambda: Network(cidr="10.0.0.0/16", zones=ZONES[:1] * 2, nat_gateways=1), "Network.zones", "different"),
        (lambda: Network(cidr="10.0.0.0/16", zones=("a", "b"), nat_gateways=1), "Network.zones", "the id of a zone"),
        (
            lambda: Network(cidr="10.0.0.0/16", zones=("us-east-1a", "us-east-1b"), nat_gateways=1),
            "Network.zones",
            "id",
        ),
        (
            lambda: Network(cidr="10.0.0.0/16", zones=("use1-az1", "use1-az3"), nat_gateways=1),
            "Network.zones",
            "Lambda",
        ),
        (
            lambda: Network(cidr="10.0.0.0/16", zones=("use1-az1", "usw2-az1"), nat_gateways=1),
            "Network.zones",
            "use1-az6",
        ),
        (lambda: Network(cidr="10.0.0.0/16", zones=ZONES, nat_gateways=3), "Network.nat_gateways", "one per zone"),
        (lambda: Network(cidr="10.0.0.0/16", zones=ZONES, nat_gateways=0), "Network.nat_gateways", "1 to 2"),
        (lambda: database(instance_class="m1.small"), "Database.instance_class", "the nearest is"),
        (lambda: database(storage_gib=5), "Database.storage_gib", "20 to 16384"),
        (lambda: database(backup_days=7), "Database.backup_days", "14 to 35"),
        (lambda: Model(instance_class="m5.large", instances=0), "Model.instances", "1 to 20"),
        (lambda: replace(SIZE, memory_mib=64), "FunctionSize.memory_mib", "128 to 10240"),
        (lambda: replace(SIZE, timeout_seconds=901), "FunctionSize.timeout_seconds", "1 to 900"),
        (lambda: replace(SIZE, concurrency=0), "FunctionSize.concurrency", "stops the function"),
        (lambda: replace(WORKER, polled_concurrency=10), "Worker.polled_concurrency", "below concurrency=10"),
        (lambda: functions(api=replace(SIZE, timeout_seconds=30)), "Functions.api.timeout_seconds", "stops waiting"),
        (lambda: Throttle(rate=0, burst=1), "Throttle.rate", "1 to 100000 requests/s"),
        (lambda: Throttle(rate=10, burst=5), "Throttle.burst", "at least rate=10"),
        (
            lambda: Domain(name="app.other.example", zone_name="flux.example", zone_id="Z1"),
            "Domain.name",
            "must lie in zone_name='flux.example'",
        ),
        (lambda: replace(DEV, name="Dev"), "FluxConfig.name", "lower-case"),
        (lambda: replace(DEV, account="12"), "FluxConfig.account", "get-caller-identity"),
        (lambda: replace(DEV, region="eu-west-1"), "FluxConfig.region", "must be us-east-1"),
        (lambda: replace(DEV, page_email="ops"), "FluxConfig.page_email", "reach nobody"),
        (lambda: replace(DEV, ticket_email="ops"), "FluxConfig.ticket_email", "reach nobody"),
        (lambda: replace(DEV, log_days=10), "FluxConfig.log_days", "must be one of"),
        (lambda: replace(DEV, rollback_errors=0), "FluxConfig.rollback_errors", "1 to 10000"),
        (lambda: replace(DEV, rollback_error_percent=0), "FluxConfig.rollback_error_percent", "above 0"),
        (lambda: BypassedAlarms.of("broken"), "OptOut.reason", "a successor can judge"),
        (lambda: backups(retention_days=0), "Backups.retention_days", "1 to 365"),
        (lambda: backups(copy_region="us-west"), "Backups.copy_region", "not an AWS region"),
        (lambda: backups(copy_region="eu-north-9"), "Backups.copy_region", "not an AWS region"),
        (lambda: backups(rpo_hours=24), "Backups.rpo_hours", "backups are daily"),
        (lambda: backups(rto_minutes=1), "Backups.rto_minutes", "RDS needs some"),
        (lambda: replace(PROD, backups=backups(retention_days=34)), "FluxConfig.backups", "35 days or more"),
        (lambda: replace(PROD, backups=OptOut(reason="we never lose anything")), "FluxConfig.backups", "stateful"),
        (lambda: replace(PROD, backups=backups(copy_region="us-east-1")), "Backups.copy_region", "name another one"),
        (lambda: replace(DEV, square_api_url="http://square.example"), "FluxConfig.square_api_url", "https://"),
        (lambda: replace(DEV, square_api_url="https://"), "FluxConfig.square_api_url", "a host's name"),
        (lambda: replace(DEV, square_api_url=LOCAL.square_api_url), "FluxConfig.square_api_url", "with aws_url also"),
        (lambda: replace(DEV, aws_url=LOCAL.aws_url), "FluxConfig.aws_url", "dev has '111111111111'"),
        (lambda: replace(DEV, rollback_errors=10_001), "FluxConfig.rollback_errors", "1 to 10000"),
        (lambda: replace(DEV.database, reserved_connections=-1), "Database.reserved_connections", "0 or more"),
        (lambda: replace(DEV.database, reserved_connections=112), "Database.reserved_connections", "below the 112"),
        (lambda: Throttle(rate=10**18, burst=10**18), "Throttle.rate", "1 to 100000 requests/s"),
        (lambda: Throttle(rate=10, burst=100_001), "Throttle.burst", "at most 100000"),
        (lambda: replace(SIZE, concurrency=10**9), "FunctionSize.concurrency", "1 to 10000"),
        (
            lambda: replace(WORKER, concurrency=2_000, polled_concurrency=1_001),
            "Worker.polled_concurrency",
            "2 to 1000",
        ),
        (lambda: SustainedRule(count=0), "SustainedRule.count", "above 0"),
        (lambda: SustainedRule(tolerated_share=1), "SustainedRule.tolerated_share", "below 1"),
        (lambda: SustainedRule(window_seconds=660), "SustainedRule.window_seconds", "at most 600"),
        (lambda: LatencyRule(minutes=0), "LatencyRule.minutes", "1 to 10"),
        (lambda: GateRule(requests=0), "GateRule.requests", "1 or more"),
        (lambda: GateRule(refused_at=500), "GateRule.refused_at", "1 to requests=120"),
        (lambda: GateRule(refused_at=0), "GateRule.refused_at", "1 to requests=120"),
        (lambda: GateRule(pace_requests=0), "GateRule.pace_requests", "1 or more"),
        (lambda: GateRule(pace_factor=0), "GateRule.pace_factor", "1 or more"),
        (lambda: GateRule(pace_grace_ms=-1), "GateRule.pace_grace_ms", "0 or more"),
        (lambda: GateRule(memory_grace_mib=0), "GateRule.memory_grace_mib", "1 or more"),
        (lambda: ReleaseThresholds(memory_percent=-1), "ReleaseThresholds.memory_percent", "above 0"),
        (lambda: ReleaseThresholds(memory_percent=900), "ReleaseThresholds.memory_percent", "at most 100"),
        (
            lambda: ReleaseThresholds(customer_errors_percent=100_000),
            "ReleaseThresholds.customer_errors_percent",
            "at most 100",
        ),
        (lambda: standing(replace(DEV, bypassed_alarms=HELD)), "FluxConfig.bypassed_alarms", "-c bypass_alarms="),
        (lambda: standing(DEV, DEV), "FluxConfig.name", "two environments have it"),
        (lambda: standing(replace(DEV, name="account")), "FluxConfig.name", "kept for the accounts' baselines"),
        (lambda: standing(DEV.named("pr-1")), "FluxConfig.name", "for previews"),
        (lambda: standing(DEV, STAGING), "Branch.environment", "must be one of dev, staging"),
        (
            lambda: standing(*STANDING[:-1], replace(PROD, square_api_url=DEV.square_api_url)),
            "FluxConfig.square_api_url",
            "'https://connect.squareup.com'",
        ),
        (lambda: standing(*STANDING, previews="prod"), "Delivery.previews", "that may be: dev"),
        (lambda: standing(*STANDING, previews="local"), "Delivery.previews", "on AWS"),
    ],
)
def test_a_bad_value_is_refused_by_name_with_its_rule_and_remedy(
    build: Callable[[], object], field: str, remedy: str
) -> None:
    with pytest.raises(ConfigError) as refusal:
        build()

    assert str(refusal.value).startswith(f"{field}=")
    assert remedy in str(refusal.value)


def test_one_environment_or_more_must_stand() -> None:
    with pytest.raises(ConfigError, match="there is none; list one or more"):
        standing()


def test_the_regions_are_those_where_awss_own_list_has_backups() -> None:
    assert list(REGIONS) == botocore.session.get_session().get_available_regions("backup")


def test_an_environment_without_a_standby_must_say_why() -> None:
    assert database(standby=OptOut(reason="its data is rebuilt from seeds")).standby is not True


def test_data_may_be_deleted_with_its_stacks_only_where_somebody_says_why() -> None:
    assert not PROD.ephemeral
    assert replace(PROD, stateful=OptOut(reason="a rehearsal that ends tonight")).ephemeral


def test_max_connections_follow_the_instance_class_memory() -> None:
    assert database(instance_class="t4g.medium").max_connections == 450
    assert database(instance_class="r7g.4xlarge").max_connections == 5_000  # RDS's ceiling


def test_functions_may_not_hold_more_connections_than_the_database_has() -> None:
    greedy = replace(DEV.functions, api=replace(DEV.functions.api, concurrency=500))

    with pytest.raises(ConfigError, match=r"523 connections at once but t4g\.micro leaves 92"):
        replace(DEV, functions=greedy)


def test_every_traffic_shift_of_the_configuration_is_accepted() -> None:
    for shift in get_args(TrafficShift):
        assert replace(DEV, traffic_shift=shift).traffic_shift == shift


def test_a_preview_is_its_model_under_another_name() -> None:
    preview: FluxConfig = DEV.named("pr-7")

    assert preview == replace(DEV, name="pr-7")


def test_a_value_cannot_be_changed_after_it_was_checked() -> None:
    with pytest.raises(AttributeError):
        PROD.account = "444444444444"  # type: ignore[misc] # what must not work


def standing(*configs: FluxConfig, previews: str = "dev") -> None:
    require_standing(configs, delivery=replace(DELIVERY, previews=previews))


def database(
    *,
    instance_class: str = "t4g.medium",
    storage_gib: int = 20,
    backup_days: int = 14,
    standby: Safeguard = True,
) -> Database:
    return Database(instance_class=instance_class, storage_gib=storage_gib, backup_days=backup_days, standby=standby)


def backups(
    *,
    retention_days: int = 35,
    copy_region: str = "us-west-2",
    rpo_hours: int = 26,
    rto_minutes: int = 60,
) -> Backups:
    return Backups(
        retention_days=retention_days,
        copy_region=copy_region,
        rpo_hours=rpo_hours,
        rto_minutes=rto_minutes,
    )


def functions(*, api: ReleasedFunction) -> Functions:
    return Functions(api=api, webhook=SIZE, sync=WORKER, forecast=WORKER)
