"""A page of production with something in every part."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from flux_infra.config import Severity
from flux_infra.constructs.names import LAYERS
from flux_infra.monitoring.objectives import OBJECTIVES
from ops.aws import find_environment
from ops.page.alarms import Alarms, HeardAlarm
from ops.page.reading import Kept, Night, Page, Part, Queue, Sales, Traffic
from ops.status import Layer, Status

NOW = datetime(2026, 11, 30, 10, 24, tzinfo=UTC)


def ago(*, days: float = 0, hours: float = 0, minutes: float = 0) -> datetime:
    return NOW - timedelta(days=days, hours=hours, minutes=minutes)


STATUS = Status(
    environment="prod",
    site="https://app.flux.example",
    health="healthy (GET /api/v1/ready, 41 ms)",
    layers=(
        Layer(name="api", live="version 41", since=ago(hours=3), commit="4f2a91c07d1e"),
        Layer(name="webhook", live="version 17", since=ago(days=12), commit="b70de3365a02"),
        Layer(name="sync", live="version 38", since=ago(hours=3), note="version 39 is the last one deployed"),
        Layer(name="forecast", live="version 22", since=ago(days=5), commit="90c1fe2277ab"),
        Layer(name="database", live="revision 0011", since=ago(days=5), commit="90c1fe2277ab"),
        Layer(name="site", live="2026-11-29-b70de3365a02", since=ago(days=1), commit="b70de3365a02"),
        Layer(name="model", live="demand-7 (flux-prod-forecast-8c1d)", since=ago(days=19), commit="11aa0367be9f"),
    ),
    deployments={},
    alarms=(),
    stacks={f"Flux-prod-{layer}": "UPDATE_COMPLETE" for layer in LAYERS} | {"Flux-prod-Ml": "UPDATE_ROLLBACK_FAILED"},
    marks={"Sync": "sync 39 -> 38 by anna at 2026-11-30 07:20 UTC."},
    outputs={},
)

PAGED = HeardAlarm(
    name="flux-prod-people-availability-fast",
    severity=Severity.PAGE,
    since=ago(minutes=12),
    says="People get errors from the API: owners see no forecasts or cannot sign in. First: if a release has just gone "
    "out, roll it back; else see the alarms of database, cache and functions.",
    runbook="https://github.com/flux/flux/blob/main/docs/runbooks/people-availability.md",
    explained_by="",
)
TICKET = replace(
    PAGED,
    name="flux-prod-pos-sync-dead-letters",
    severity=Severity.TICKET,
    since=ago(hours=7),
    says="Messages of queue pos-sync were given up after repeated failures; they are kept 14 days. First: read one "
    "message and the function's log for its error; fix the cause, then redrive the queue.",
    explained_by="flux-prod-database-connections",
)

# What was counted of each objective in 28 days: bad ones, all.
COUNTED = {
    "people-availability": (12_600, 14_515_200),
    "people-latency": (203_212, 14_515_200),
    "webhook-availability": (881_000, 1_403_136_000),
    "sales-freshness": (2_900_000, 1_399_000_000),
    "forecasts-on-time": (310, 280_000),
    "journey": (0, 0),
}
assert COUNTED.keys() == {objective.name for objective in OBJECTIVES}

PAGE = Page(
    config=find_environment("prod"),
    at=NOW,
    live=Part(read=STATUS),
    alarms=Part(read=Alarms(firing=(PAGED, TICKET), watching=97)),
    objectives={
        objective.name: Part(
            read=Kept(objective=objective, bad=COUNTED[objective.name][0], total=COUNTED[objective.name][1])
        )
        for objective in OBJECTIVES
    },
    sales=Part(read=Sales(last=ago(minutes=1), late_seconds=74, stored=49_812_377)),
    night=Part(
        read=Night(
            counted=ago(hours=5, minutes=24),
            active=9_871,
            with_forecast=9_868,
            made=9_868,
            last=ago(hours=5, minutes=40),
        )
    ),
    queues=Part(
        read=(
            Queue(name="forecast", waiting=0, in_work=0, oldest_seconds=None, dead_letters=0),
            Queue(name="pos-sync", waiting=412, in_work=96, oldest_seconds=14, dead_letters=3),
        )
    ),
    traffic=Part(
        read=(
            Traffic(
                name="People",
                begin=ago(hours=3, minutes=4),
                requests=tuple(1_500 + 40 * step % 700 for step in range(37)),
                errors=(*(0,) * 33, 12, 190, 240, 180),
            ),
            Traffic(
                name="Webhooks",
                begin=ago(hours=3, minutes=4),
                requests=tuple(150_000 + 9_000 * (step % 9) for step in range(37)),
                errors=(0,) * 37,
            ),
        )
    ),
)

QUIET = replace(PAGE, alarms=Part(read=Alarms(firing=(), watching=97)))
