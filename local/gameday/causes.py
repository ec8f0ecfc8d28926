"""How each incident is brought about; what no command of a runbook undoes is undone when the block ends."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from secrets import token_hex
from typing import TYPE_CHECKING

from flux_infra.constructs.names import ALIAS, database_identifier

from .. import machine
from ..console import StepFailed
from ..platform import Platform
from ..proof.bad_changes import CANARIED
from ..proof.faults import FAULTS, Fault, answering, failing
from ..proof.releases import release
from ..proof.sales import Provider
from ..proof.users import repeatedly
from ..till import AURORA, order_event, ring_up

if TYPE_CHECKING:
    from mypy_boto3_rds import RDSClient


def fault(name: str) -> Callable[[Platform], Iterator[None]]:
    """One of local/proof/faults.py, like `PostgreSQL-stopped`."""

    def begin(_: Platform) -> Iterator[None]:
        with failing(_named(name)):
            yield

    return begin


def square_fails(_: Platform) -> Iterator[None]:
    """Square answers every request with 500."""
    yield from answering("server-error")()


def night_without_model(platform: Platform) -> Iterator[None]:
    """The model hangs, and the night's tick comes."""
    with failing(_named("Model-stopped")):
        platform.send_tick("Compute.NightlyRuleName", "Compute.ForecastQueueUrl")
        yield


def stopped_database(platform: Platform) -> Iterator[None]:
    """StopDBInstance."""
    rds: RDSClient = platform.session.client("rds", endpoint_url=platform.url)
    name = database_identifier(platform.config)
    rds.stop_db_instance(DBInstanceIdentifier=name)
    try:
        yield
    finally:
        (instance,) = rds.describe_db_instances(DBInstanceIdentifier=name)["DBInstances"]
        if instance["DBInstanceStatus"] == "stopped":
            rds.start_db_instance(DBInstanceIdentifier=name)


def full_disk(platform: Platform) -> Iterator[None]:
    """97 % of the database's storage in one file without content, which takes no disk of this machine."""
    (data,) = (machine.STATE / "rds").iterdir()
    rds: RDSClient = platform.session.client("rds", endpoint_url=platform.url)
    (instance,) = rds.describe_db_instances(DBInstanceIdentifier=database_identifier(platform.config))["DBInstances"]
    log = data / "pg_wal.that.a.replication.slot.holds"
    with log.open("wb") as file:
        file.truncate(instance["AllocatedStorage"] * 1024**3 * 97 // 100)
    try:
        yield
    finally:
        log.unlink()


def unread_queue(platform: Platform) -> Iterator[None]:
    """The mapping that starts sync is disabled."""
    function = platform.outputs["Compute.SyncFunctionName"]
    (mapping,) = platform.functions.list_event_source_mappings(FunctionName=f"{function}:{ALIAS}")[
        "EventSourceMappings"
    ]
    platform.functions.update_event_source_mapping(UUID=mapping["UUID"], Enabled=False)
    try:
        yield
    finally:
        platform.functions.update_event_source_mapping(UUID=mapping["UUID"], Enabled=True)


def disabled_schedule(platform: Platform) -> Iterator[None]:
    """The probe's rule is disabled."""
    rule = platform.outputs["Monitoring.ProbeRuleName"]
    platform.events.disable_rule(Name=rule)
    try:
        yield
    finally:
        platform.events.enable_rule(Name=rule)


def poison(platform: Platform) -> Iterator[None]:
    """A text that is no message of Flux, on the queue of sales."""
    platform.sqs.send_message(QueueUrl=platform.outputs["Compute.PosSyncQueueUrl"], MessageBody="no message of ours")
    yield


def forgeries(platform: Platform) -> Iterator[None]:
    """Twenty webhooks a second with a signature of somebody else's key."""
    provider, order = Provider(platform), order_event(AURORA.merchant_id, "forged", event_id="forged")

    def forge() -> None:
        provider.deliver([order], forged=True)

    with repeatedly(forge, per_second=20):
        yield


def flood(platform: Platform) -> Iterator[None]:
    """Twenty webhooks a second of one restaurant's."""
    provider, order = Provider(platform), AURORA.order("flood", at=datetime.now(UTC), sold={AURORA.menu[0]: 1})
    ring_up(AURORA, [order])

    def announce() -> None:
        provider.deliver([order_event(AURORA.merchant_id, "flood", event_id=token_hex(8))])

    with repeatedly(announce, per_second=20):
        yield


def bad_release(platform: Platform) -> Iterator[None]:
    """A release that nothing but real traffic can tell from a good one; CodeDeploy takes it back."""
    (change,) = (each for each in CANARIED if each.name == "real-sales-are-not-stored")
    with ThreadPoolExecutor(max_workers=1) as pool:
        releasing = pool.submit(release, platform, change)
        yield
        if releasing.result().status == "Succeeded":
            raise StepFailed("CodeDeploy promoted a release that stores nothing", remedy="look at the release's alarms")


def _named(name: str) -> Fault:
    (found,) = (each for each in FAULTS if str(each) == name)
    return found
