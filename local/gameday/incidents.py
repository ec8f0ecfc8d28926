"""What goes wrong on a game day, who must be told, and what on-call does about it."""

from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime
from secrets import token_hex
from typing import TYPE_CHECKING

from flux_infra.config import Severity
from flux_infra.constructs.names import ALIAS, database_identifier

from .. import machine
from ..console import StepFailed
from ..platform import Platform
from ..proof.bad_changes import CANARIED
from ..proof.faults import FAULTS, answering, failing
from ..proof.releases import release
from ..proof.sales import Provider
from ..proof.users import repeatedly
from ..till import AURORA, order_event, ring_up

if TYPE_CHECKING:
    from mypy_boto3_rds import RDSClient


@dataclass(frozen=True, kw_only=True)
class Alarm:
    """What on-call must hear. name: without `flux-<env>-`."""

    name: str
    severity: Severity


@dataclass(frozen=True, kw_only=True)
class Cure:
    """What on-call does.

    page: of docs/runbooks, without `.md`.
    commands: of that page, as they stand there.
    looks_up: by what stands in <> in a later command, what finds it in the answer to the first one.
    values: for what else stands in <>.
    """

    page: str
    commands: tuple[str, ...]
    looks_up: Mapping[str, str] = field(default_factory=dict)
    values: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Incident:
    """Something that goes wrong.

    name: for the command line. what: as a person says it.
    begin: does it; what no command of a runbook undoes is undone when the block ends.
    alarm: None: nobody is told, because nobody is hurt.
    seconds: within which the alarm must come; without one, how long the incident lasts.
    cure: None: Flux and AWS do it by themselves.
    """

    name: str
    what: str
    begin: Callable[[Platform], Iterator[None]]
    alarm: Alarm | None
    seconds: float
    cure: Cure | None = None


def _fault(name: str) -> Callable[[Platform], Iterator[None]]:
    (fault,) = (each for each in FAULTS if str(each) == name)

    def begin(_: Platform) -> Iterator[None]:
        with failing(fault):
            yield

    return begin


def _square_fails(_: Platform) -> Iterator[None]:
    yield from answering("server-error")()


def _night_without_model(platform: Platform) -> Iterator[None]:
    for _ in _fault("Model-stopped")(platform):
        platform.send_tick("Compute.NightlyRuleName", "Compute.ForecastQueueUrl")
        yield


def _stopped_database(platform: Platform) -> Iterator[None]:
    rds: RDSClient = platform.session.client("rds", endpoint_url=platform.url)
    name = database_identifier(platform.config)
    rds.stop_db_instance(DBInstanceIdentifier=name)
    try:
        yield
    finally:
        (instance,) = rds.describe_db_instances(DBInstanceIdentifier=name)["DBInstances"]
        if instance["DBInstanceStatus"] == "stopped":
            rds.start_db_instance(DBInstanceIdentifier=name)


def _full_disk(platform: Platform) -> Iterator[None]:
    """A file without content, as long as what is free but for a thousandth: a sparse file takes no disk here."""
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


def _unread_queue(platform: Platform) -> Iterator[None]:
    function = platform.outputs["Compute.SyncFunctionName"]
    (mapping,) = platform.functions.list_event_source_mappings(FunctionName=f"{function}:{ALIAS}")[
        "EventSourceMappings"
    ]
    platform.functions.update_event_source_mapping(UUID=mapping["UUID"], Enabled=False)
    try:
        yield
    finally:
        platform.functions.update_event_source_mapping(UUID=mapping["UUID"], Enabled=True)


def _disabled_schedule(platform: Platform) -> Iterator[None]:
    rule = platform.outputs["Monitoring.ProbeRuleName"]
    platform.events.disable_rule(Name=rule)
    try:
        yield
    finally:
        platform.events.enable_rule(Name=rule)


def _poison(platform: Platform) -> Iterator[None]:
    platform.sqs.send_message(QueueUrl=platform.outputs["Compute.PosSyncQueueUrl"], MessageBody="no message of ours")
    yield


def _forgeries(platform: Platform) -> Iterator[None]:
    provider, order = Provider(platform), order_event(AURORA.merchant_id, "forged", event_id="forged")

    def forge() -> None:
        provider.deliver([order], forged=True)

    with repeatedly(forge, per_second=20):
        yield


def _flood(platform: Platform) -> Iterator[None]:
    provider, order = Provider(platform), AURORA.order("flood", at=datetime.now(UTC), sold={AURORA.menu[0]: 1})
    ring_up(AURORA, [order])

    def announce() -> None:
        provider.deliver([order_event(AURORA.merchant_id, "flood", event_id=token_hex(8))])

    with repeatedly(announce, per_second=20):
        yield


def _bad_release(platform: Platform) -> Iterator[None]:
    (change,) = (each for each in CANARIED if each.name == "real-sales-are-not-stored")
    with ThreadPoolExecutor(max_workers=1) as pool:
        releasing = pool.submit(release, platform, change)
        yield
        if releasing.result().status == "Succeeded":
            raise StepFailed("CodeDeploy promoted a release that stores nothing", remedy="look at the release's alarms")


def _page(name: str) -> Alarm:
    return Alarm(name=name, severity=Severity.PAGE)


def _ticket(name: str) -> Alarm:
    return Alarm(name=name, severity=Severity.TICKET)


SHIFTS: tuple[tuple[Incident, ...], ...] = (
    (
        Incident(
            name="database-hangs",
            what="PostgreSQL takes connections and answers nobody",
            begin=_fault("PostgreSQL-stopped"),
            alarm=_page("people-availability-fast"),
            seconds=120,
            cure=Cure(
                page="people-availability",
                commands=("aws rds reboot-db-instance --db-instance-identifier flux-prod-database",),
            ),
        ),
    ),
    (
        Incident(
            name="cache-hangs",
            what="Valkey takes connections and answers nobody: owners are served from PostgreSQL",
            begin=_fault("Valkey-stopped"),
            alarm=None,
            seconds=45,
        ),
    ),
    (
        Incident(
            name="provider-forges",
            what="Somebody who does not know Square's key sends twenty webhooks a second",
            begin=_forgeries,
            alarm=None,
            seconds=45,
        ),
    ),
    (
        Incident(
            name="tenant-floods",
            what="One restaurant announces twenty sales a second, the others one in two seconds",
            begin=_flood,
            alarm=None,
            seconds=45,
        ),
    ),
    (
        Incident(
            name="poison-message",
            what="A message that nobody can read is on the queue of sales",
            begin=_poison,
            alarm=_ticket("pos-sync-dead-letters"),
            seconds=120,
            cure=Cure(
                page="an-alarm-fires",
                commands=(
                    "aws sqs receive-message --queue-url <PosSyncDeadLettersUrl> --visibility-timeout 30",
                    "aws sqs delete-message --queue-url <PosSyncDeadLettersUrl> --receipt-handle '<ReceiptHandle>'",
                ),
                looks_up={"ReceiptHandle": r'"ReceiptHandle": "([^"]+)"'},
            ),
        ),
    ),
    (
        Incident(
            name="model-hangs",
            what="The model does not answer while the night's forecasts are made",
            begin=_night_without_model,
            alarm=_page("model-errors"),
            seconds=600,
        ),
    ),
    # Alarms that look at a quarter of an hour; these three have nothing in common, so they happen at the same time.
    (
        Incident(
            name="schedule-missed",
            what="Somebody has disabled the schedule of the probe",
            begin=_disabled_schedule,
            alarm=_page("probe-missing"),
            seconds=900,
            cure=Cure(page="probe-missing", commands=("aws events enable-rule --name <ProbeRuleName>",)),
        ),
        Incident(
            name="provider-fails",
            what="Square answers every request with an error",
            begin=_square_fails,
            alarm=_ticket("square-errors"),
            seconds=1200,
            cure=Cure(page="pos-sync-age", commands=("./flux square --well",)),
        ),
        Incident(
            name="disk-fills",
            what="What a replication slot holds back fills the database's storage",
            begin=_full_disk,
            alarm=_page("database-storage"),
            seconds=900,
            cure=Cure(
                page="database-storage",
                commands=(
                    (
                        "aws rds modify-db-instance --db-instance-identifier flux-prod-database --apply-immediately "
                        "--allocated-storage <size in GiB> --max-allocated-storage <size in GiB>"
                    ),
                ),
                values={"size in GiB": "40"},
            ),
        ),
    ),
    (
        Incident(
            name="queue-stuck",
            what="Somebody has disabled what starts the sync worker",
            begin=_unread_queue,
            alarm=_page("pos-sync-age"),
            seconds=1800,
            cure=Cure(
                page="pos-sync-age",
                commands=(
                    (
                        "aws lambda list-event-source-mappings --function-name <SyncFunctionName>:live "
                        "--query 'EventSourceMappings[].[UUID,State]'"
                    ),
                    "aws lambda update-event-source-mapping --uuid <UUID> --enabled",
                ),
                looks_up={"UUID": r'"([0-9a-f-]{36})"'},
            ),
        ),
    ),
    (
        Incident(
            name="bad-release",
            what="A release of sync that fetches real restaurants' sales and does not store them",
            begin=_bad_release,
            alarm=_ticket("sync-release-lost-work"),
            seconds=240,
        ),
    ),
    (
        Incident(
            name="database-stopped",
            what="Somebody has stopped the database",
            begin=_stopped_database,
            alarm=_page("people-availability-fast"),
            seconds=120,
            cure=Cure(
                page="people-availability",
                commands=("aws rds start-db-instance --db-instance-identifier flux-prod-database",),
            ),
        ),
    ),
)
"""What goes wrong, in this order; the incidents of one shift at the same time."""
