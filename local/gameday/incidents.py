"""What goes wrong on a game day, who must be told, and what on-call does about it."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

from flux_infra.config import Severity

from ..platform import Platform
from . import causes


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
    begin: brings it about, until the block ends.
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


def _page(name: str) -> Alarm:
    return Alarm(name=name, severity=Severity.PAGE)


def _ticket(name: str) -> Alarm:
    return Alarm(name=name, severity=Severity.TICKET)


SHIFTS: tuple[tuple[Incident, ...], ...] = (
    (
        Incident(
            name="database-hangs",
            what="PostgreSQL takes connections and answers nobody",
            begin=causes.fault("PostgreSQL-stopped"),
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
            begin=causes.fault("Valkey-stopped"),
            alarm=None,
            seconds=45,
        ),
    ),
    (
        Incident(
            name="provider-forges",
            what="Somebody who does not know Square's key sends twenty webhooks a second",
            begin=causes.forgeries,
            alarm=None,
            seconds=45,
        ),
    ),
    (
        Incident(
            name="tenant-floods",
            what="One restaurant announces twenty sales a second, the others one in two seconds",
            begin=causes.flood,
            alarm=None,
            seconds=45,
        ),
    ),
    (
        Incident(
            name="poison-message",
            what="A message that nobody can read is on the queue of sales",
            begin=causes.poison,
            alarm=_ticket("pos-sync-dead-letters"),
            seconds=120,
            cure=Cure(
                page="an-alarm-fires",
                commands=(
                    "./flux redrive pos-sync --env prod",
                    "./flux redrive pos-sync --env prod --drop <message> --yes",
                ),
                looks_up={"message": r"([0-9a-f-]{36})"},
            ),
        ),
    ),
    (
        Incident(
            name="model-hangs",
            what="The model does not answer while the night's forecasts are made",
            begin=causes.night_without_model,
            alarm=_page("model-errors"),
            seconds=600,
        ),
    ),
    # Alarms that look at ten minutes; these two hurt nobody and have nothing in common: they happen at the same time.
    (
        Incident(
            name="schedule-missed",
            what="Somebody has disabled the schedule of the probe",
            begin=causes.disabled_schedule,
            alarm=_page("probe-missing"),
            seconds=900,
            cure=Cure(page="probe-missing", commands=("aws events enable-rule --name <ProbeRuleName>",)),
        ),
        Incident(
            name="disk-fills",
            what="What a replication slot holds back fills the database's storage",
            begin=causes.full_disk,
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
            name="provider-fails",
            what="Square answers every request with an error",
            begin=causes.square_fails,
            alarm=_ticket("square-errors"),
            seconds=1200,
            cure=Cure(page="pos-sync-age", commands=("./flux square --well",)),
        ),
    ),
    (
        Incident(
            name="queue-stuck",
            what="Somebody has disabled what starts the sync worker",
            begin=causes.unread_queue,
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
            begin=causes.bad_release,
            alarm=_ticket("sync-release-lost-work"),
            seconds=240,
        ),
    ),
    (
        Incident(
            name="database-stopped",
            what="Somebody has stopped the database",
            begin=causes.stopped_database,
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

INCIDENTS = tuple(incident for shift in SHIFTS for incident in shift)
