"""What goes wrong, as changes of the normal week; with the alarm that tells of it, and within how many minutes."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from flux_infra.config import Severity

from .series import DAY, Numbers
from .week import Signals, at

type Change = float | Callable[[Numbers, Numbers], Numbers]
"""A signal while it lasts: a number, or made from the minutes since the beginning and from what is normal."""

PAGE, TICKET = Severity.PAGE, Severity.TICKET


@dataclass(frozen=True, kw_only=True)
class Incident:
    """One incident.

    cause: what has happened, as docs/alarms.md says it.
    begins: minute of the week. lasts: minutes.
    alarm: the one that tells of it first among those of its severity. within: minutes that it may take.
    pages: how many alarms may page in all; one cause is one message.
    """

    cause: str
    begins: int
    lasts: int
    changes: Mapping[str, Change]
    alarm: str
    severity: Severity
    within: int
    pages: int = 1

    def happening_in(self, normal: Signals) -> dict[str, Numbers]:
        """The week with this incident; what it does not change are the same arrays."""
        span = slice(self.begins, self.begins + self.lasts)
        week = dict(normal)
        for signal, change in self.changes.items():
            changed = normal[signal].copy()
            since = np.arange(self.lasts, dtype=float)
            changed[span] = change(since, normal[signal][span]) if callable(change) else change
            week[signal] = changed
        return week


def times(factor: float) -> Change:
    """So many times what is normal."""
    return lambda _, normal: normal * factor


def growing(by: float, *, at_most: float = np.inf) -> Change:
    """What is normal, and so much more every minute."""
    return lambda since, normal: np.minimum(np.nan_to_num(normal) + by * (since + 1), at_most)


SILENT = np.nan
_NIGHT, _MORNING, _NOON, _EVENING = at(3, 2), at(3, 10), at(3, 17), at(3, 22)

# PostgreSQL away: people get 503, sync and forecasts postpone their messages (docs/reliability.md).
_DATABASE_AWAY: Mapping[str, Change] = {
    "people failing": 1.0,
    "probes failing": 1.0,
    "sales late": 1.0,
    "pos-sync age": growing(60),
    "pos-sync postponed age": growing(60),
    "database connections": 0.0,
}

INCIDENTS = (
    # People
    Incident(
        cause="Every request of people's fails by night, at 6 a second beside 580 webhooks",
        begins=at(3, 9),
        lasts=60,
        changes={"people": 360.0, "webhooks": 34_800.0, "people failing": 1.0},
        alarm="people-availability-fast",
        severity=PAGE,
        within=5,
    ),
    Incident(
        cause="Every request of people's fails at lunch",
        begins=_NOON,
        lasts=60,
        changes={"people failing": 1.0},
        alarm="people-availability-fast",
        severity=PAGE,
        within=5,
    ),
    Incident(
        cause="One of five requests of people's fails after a bad release",
        begins=_MORNING,
        lasts=60,
        changes={"people failing": 0.2},
        alarm="people-availability-fast",
        severity=PAGE,
        within=10,
    ),
    Incident(
        cause="One of fifty requests of people's fails",
        begins=_MORNING,
        lasts=3 * 60,
        changes={"people failing": 0.02},
        alarm="people-availability-fast",
        severity=PAGE,
        within=60,
    ),
    Incident(
        cause="0.9 % of people's requests fail for hours",
        begins=_MORNING,
        lasts=8 * 60,
        changes={"people failing": 0.009},
        alarm="people-availability-slow",
        severity=PAGE,
        within=6 * 60,
    ),
    Incident(
        cause="0.5 % of people's requests fail for days",
        begins=_MORNING,
        lasts=2 * DAY,
        changes={"people failing": 0.005},
        alarm="people-availability-budget",
        severity=TICKET,
        within=DAY,
        pages=0,
    ),
    Incident(
        cause="Nearly every answer to people takes several seconds: a slow query",
        begins=_MORNING,
        lasts=3 * 60,
        changes={"people median": 3000.0, "database load": times(6), "database latency": times(4)},
        alarm="people-latency-fast",
        severity=PAGE,
        within=10,
    ),
    Incident(
        cause="Four of ten answers to people take over a second",
        begins=_MORNING,
        lasts=8 * 60,
        changes={"people median": 860.0},
        alarm="people-latency-slow",
        severity=PAGE,
        within=6 * 60,
    ),
    Incident(
        cause="The site's files are gone: pages fail, the API does not",
        begins=_MORNING,
        lasts=60,
        changes={"pages failing": 1.0, "probes failing": 1.0},
        alarm="journey-fast",
        severity=PAGE,
        within=10,
    ),
    Incident(
        cause="One of twenty journeys breaks off",
        begins=_MORNING,
        lasts=8 * 60,
        changes={"probes failing": lambda since, _: (since % 20 == 0).astype(float)},
        alarm="journey-slow",
        severity=PAGE,
        within=6 * 60,
    ),
    Incident(
        cause="The probe does not run any more",
        begins=_MORNING,
        lasts=60,
        changes={"probes": SILENT},
        alarm="probe-missing",
        severity=PAGE,
        within=15,
    ),
    Incident(
        cause="CloudFront answers one of ten requests with an error",
        begins=_MORNING,
        lasts=60,
        changes={"edge failing": 0.1, "probes failing": lambda since, _: (since % 10 == 0).astype(float)},
        alarm="site-errors",
        severity=TICKET,
        within=25,
    ),
    # Points of sale
    Incident(
        cause="Every webhook fails",
        begins=_MORNING,
        lasts=60,
        changes={"webhooks failing": 1.0, "sales": times(0.1)},
        alarm="webhook-availability-fast",
        severity=PAGE,
        within=5,
    ),
    Incident(
        cause="One of a hundred webhooks fails",
        begins=_MORNING,
        lasts=3 * 60,
        changes={"webhooks failing": 0.01},
        alarm="webhook-availability-fast",
        severity=PAGE,
        within=60,
    ),
    Incident(
        cause="0.4 % of webhooks fail for hours",
        begins=_MORNING,
        lasts=8 * 60,
        changes={"webhooks failing": 0.004},
        alarm="webhook-availability-slow",
        severity=PAGE,
        within=6 * 60,
    ),
    Incident(
        cause="Square is away",
        begins=_MORNING,
        lasts=90,
        changes={
            "square failing": 1.0,
            "sales": times(0.02),
            "sales late": growing(0.02, at_most=1),
            "pos-sync postponed age": growing(60),
        },
        alarm="pos-sync-age",
        severity=PAGE,
        within=30,
    ),
    Incident(
        cause="Sync stands still: its queue is not read",
        begins=_NOON,
        lasts=90,
        changes={"sales": 0.0, "pos-sync age": growing(60)},
        alarm="pos-sync-age",
        severity=PAGE,
        within=30,
    ),
    Incident(
        cause="Square refuses one of five requests for half an hour",
        begins=_MORNING,
        lasts=40,
        changes={"square failing": 0.2},
        alarm="square-errors",
        severity=TICKET,
        within=20,
        pages=0,
    ),
    Incident(
        cause="Square takes two seconds for most answers",
        begins=_MORNING,
        lasts=60,
        changes={"square median": 2000.0},
        alarm="square-latency",
        severity=TICKET,
        within=20,
        pages=0,
    ),
    Incident(
        cause="Square has withdrawn our application's access to many restaurants",
        begins=_MORNING,
        lasts=60,
        changes={"connections revoked": 5.0, "connections silent": lambda since, normal: normal + 5 * since},
        alarm="connections-revoked",
        severity=TICKET,
        within=65,
        pages=0,
    ),
    Incident(
        cause="Some restaurants' sync ends with an error each time, while all others are well",
        begins=_MORNING,
        lasts=2 * 60,
        changes={"connections silent": lambda _, normal: normal + 80},
        alarm="connections-silent",
        severity=TICKET,
        within=40,
        pages=0,
    ),
    Incident(
        cause="Square tells of one of five sales half an hour late",
        begins=_NOON,
        lasts=3 * 60,
        changes={"sales late": 0.2},
        alarm="sales-freshness-fast",
        severity=PAGE,
        within=60,
    ),
    Incident(
        cause="One of ten sales is late for hours",
        begins=_MORNING,
        lasts=8 * 60,
        changes={"sales late": 0.1},
        alarm="sales-freshness-slow",
        severity=PAGE,
        within=6 * 60,
    ),
    Incident(
        cause="Sync has used up its reserved instances",
        begins=_NOON,
        lasts=60,
        changes={"Sync throttles": 400.0, "pos-sync age": growing(8)},
        alarm="sync-throttles",
        severity=TICKET,
        within=15,
        pages=0,
    ),
    Incident(
        cause="One sale cannot be read and becomes a dead letter",
        begins=_MORNING,
        lasts=2 * 60,
        changes={"pos-sync dead": 1.0},
        alarm="pos-sync-dead-letters",
        severity=TICKET,
        within=5,
        pages=0,
    ),
    Incident(
        cause="Beside an old dead letter, sales become dead letters that nobody has looked at",
        begins=_MORNING,
        lasts=3 * 60,
        changes={"pos-sync dead": lambda since, _: np.where(since < 60, 1.0, since - 50)},
        alarm="pos-sync-more-dead-letters",
        severity=TICKET,
        within=75,
        pages=0,
    ),
    Incident(
        cause="A release of sync sets aside every tenth sale",
        begins=_MORNING,
        lasts=60,
        changes={"sales set aside": 0.1},
        alarm="sync-release-lost-work",
        severity=TICKET,
        within=5,
        pages=0,
    ),
    Incident(
        cause="Sync drops each tick, and so asks Square for nothing that webhooks did not report",
        begins=_MORNING,
        lasts=3 * 60,
        changes={"connections": SILENT, "connections silent": SILENT},
        alarm="sync-missing",
        severity=TICKET,
        within=70,
        pages=0,
    ),
    Incident(
        cause="The quarter-hourly tick is switched off",
        begins=_MORNING,
        lasts=5 * 60,
        changes={"quarter-hourly ticks": SILENT, "connections": SILENT, "connections silent": SILENT},
        alarm="quarter-hourly-tick-missing",
        severity=TICKET,
        within=5 * 60,
        pages=0,
    ),
    Incident(
        cause="EventBridge may not use the sync queue's key",
        begins=_MORNING,
        lasts=60,
        changes={"quarter-hourly not delivered": lambda since, _: np.where(since % 15 == 0, 1.0, np.nan)},
        alarm="quarter-hourly-tick-failed",
        severity=TICKET,
        within=5,
        pages=0,
    ),
    # Forecasts
    Incident(
        cause="The nightly tick cannot be delivered",
        begins=_NIGHT,
        lasts=8 * 60,
        changes={"nightly not delivered": lambda since, _: np.where(since < 1, 1.0, np.nan), "forecasts": 0.0},
        alarm="nightly-tick-failed",
        severity=PAGE,
        within=5,
    ),
    Incident(
        cause="The nightly tick is switched off, and no restaurant has a forecast",
        begins=_NIGHT,
        lasts=6 * 60,
        changes={"nightly ticks": SILENT, "forecasts": 0.0, "forecast age": 0.0, "forecast at five": 0.0},
        alarm="forecasts-on-time-fast",
        severity=PAGE,
        within=3 * 60 + 10,
    ),
    Incident(
        cause="The nightly tick was switched off by day",
        begins=at(3, 3),
        lasts=30 * 60,
        changes={"nightly ticks": SILENT},
        alarm="nightly-tick-missing",
        severity=TICKET,
        within=28 * 60,
        pages=0,
    ),
    Incident(
        cause="The census's tick comes, and its message is never taken: nobody knows who has a forecast",
        begins=at(3, 4),
        lasts=2 * DAY,
        changes={"active": SILENT, "forecast at five": SILENT},
        alarm="census-missing",
        severity=TICKET,
        within=4 * 60 + 15,
        pages=0,
    ),
    Incident(
        cause="One of a hundred restaurants has no forecast, three nights on end",
        begins=at(2, 4),
        lasts=3 * DAY,
        changes={"forecast at five": lambda _, normal: normal - 100},
        alarm="forecasts-on-time-budget",
        severity=TICKET,
        within=3 * DAY,
        pages=0,
    ),
    Incident(
        cause="The model is down while forecasts are made",
        begins=_NIGHT + 10,
        lasts=2 * 60,
        changes={"model failing": 1.0, "forecasts failing": 1.0, "forecast postponed age": growing(60)},
        alarm="model-errors",
        severity=PAGE,
        within=5,
    ),
    Incident(
        cause="The model takes over ten seconds for each forecast",
        begins=_NIGHT + 10,
        lasts=60,
        changes={"model median": 12e6},
        alarm="model-latency",
        severity=TICKET,
        within=20,
        pages=0,
    ),
    Incident(
        cause="The forecast worker stands still",
        begins=_NIGHT,
        lasts=5 * 60,
        changes={"forecasts": 0.0, "forecast age": lambda since, _: 60 * since, "forecast at five": 0.0},
        alarm="forecast-age",
        severity=PAGE,
        within=2 * 60 + 15,
    ),
    Incident(
        cause="One restaurant's sales make the model's answer unusable: a dead letter",
        begins=_NIGHT + 30,
        lasts=60,
        changes={"forecast dead": 1.0},
        alarm="forecast-dead-letters",
        severity=TICKET,
        within=5,
        pages=0,
    ),
    # Stores
    Incident(
        cause="PostgreSQL is away",
        begins=_MORNING,
        lasts=60,
        changes=_DATABASE_AWAY,
        alarm="people-availability-fast",
        severity=PAGE,
        within=5,
    ),
    Incident(
        cause="PostgreSQL hangs: connections are made, and nobody answers",
        begins=_NOON,
        lasts=60,
        changes={**_DATABASE_AWAY, "database connections": growing(400, at_most=4_980), "database cpu": 2.0},
        alarm="people-availability-fast",
        severity=PAGE,
        within=5,
    ),
    Incident(
        cause="Sessions are not closed: connections grow until none is left",
        begins=_NOON,
        lasts=3 * 60,
        changes={"database connections": growing(40)},
        alarm="database-connections",
        severity=TICKET,
        within=2 * 60,
        pages=0,
    ),
    Incident(
        cause="A query without an index keeps PostgreSQL's CPU busy",
        begins=_NOON,
        lasts=60,
        changes={"database cpu": 96.0},
        alarm="database-cpu",
        severity=TICKET,
        within=20,
        pages=0,
    ),
    Incident(
        cause="PostgreSQL's memory runs out",
        begins=_NOON,
        lasts=2 * 60,
        changes={"database memory": lambda since, normal: np.maximum(normal - 2e8 * since, 5e8)},
        alarm="database-memory",
        severity=TICKET,
        within=90,
        pages=0,
    ),
    Incident(
        cause="A replication slot fills the disk, faster than it can grow",
        begins=_NOON,
        lasts=6 * 60,
        changes={"database storage": lambda since, normal: np.maximum(normal - 4e9 * since, 0)},
        alarm="database-storage",
        severity=PAGE,
        within=4 * 60,
    ),
    Incident(
        cause="The database grows by 80 GB a day, twenty times as fast as it did",
        begins=at(2, 0),
        lasts=3 * DAY,
        changes={"database storage": lambda since, normal: normal - 55e6 * since},
        alarm="database-growth",
        severity=TICKET,
        within=2 * DAY,
        pages=0,
    ),
    Incident(
        cause="The database's disk has used up what it may read and write in a second",
        begins=_NOON,
        lasts=60,
        changes={"database latency": 0.06},
        alarm="database-latency",
        severity=TICKET,
        within=20,
        pages=0,
    ),
    Incident(
        cause="A transaction that nobody ends keeps vacuum from freeing transaction ids",
        begins=at(2, 0),
        lasts=2 * DAY,
        changes={"database transactions": growing(600_000)},
        alarm="database-transactions",
        severity=TICKET,
        within=DAY + 6 * 60,
        pages=0,
    ),
    Incident(
        cause="A slow command keeps Valkey's one thread busy",
        begins=_NOON,
        lasts=60,
        changes={"cache cpu": 97.0},
        alarm="cache-cpu",
        severity=TICKET,
        within=20,
        pages=0,
    ),
    Incident(
        cause="Keys without an expiry fill Valkey",
        begins=_NOON,
        lasts=4 * 60,
        changes={"cache memory": growing(0.3, at_most=100)},
        alarm="cache-memory",
        severity=TICKET,
        within=200,
        pages=0,
    ),
    Incident(
        cause="A backup fails",
        begins=at(3, 4),
        lasts=60,
        changes={"backups failed": lambda since, _: np.where(since == 20, 1.0, np.nan)},
        alarm="backup-failed",
        severity=TICKET,
        within=30,
        pages=0,
    ),
    Incident(
        cause="A backup is not copied to the second region",
        begins=at(3, 4),
        lasts=60,
        changes={"copies failed": lambda since, _: np.where(since == 40, 1.0, np.nan)},
        alarm="backup-copy-failed",
        severity=TICKET,
        within=50,
        pages=0,
    ),
    Incident(
        cause="The backup plan is gone: nothing fails, nothing is kept",
        begins=at(2, 4),
        lasts=3 * DAY,
        changes={"backups completed": SILENT},
        alarm="backup-missing",
        severity=TICKET,
        within=3 * DAY,
        pages=0,
    ),
    Incident(
        cause="The address that pages go to no longer exists",
        begins=_MORNING,
        lasts=60,
        changes={"page not delivered": lambda since, _: np.where(since == 5, 1.0, np.nan)},
        alarm="page-not-delivered",
        severity=TICKET,
        within=15,
        pages=0,
    ),
    # The network
    Incident(
        cause="Sync opens a connection for each request, and NAT has no port left for Square",
        begins=_NOON,
        lasts=60,
        changes={"nat ports refused": 200.0, "square failing": 0.05},
        alarm="nat-ports",
        severity=TICKET,
        within=5,
        pages=0,
    ),
    Incident(
        cause="NAT drops one packet in a thousand",
        begins=_MORNING,
        lasts=60,
        changes={"nat packets dropped": 200.0},
        alarm="nat-drops",
        severity=TICKET,
        within=20,
        pages=0,
    ),
    # Functions
    Incident(
        cause="Square answers so slowly that sync has hardly time for a message",
        begins=_MORNING,
        lasts=60,
        changes={"square median": 30_000.0},
        alarm="sync-near-timeout",
        severity=TICKET,
        within=20,
        pages=0,
    ),
    Incident(
        cause="Three times as many owners as ever look at once",
        begins=_NOON,
        lasts=60,
        changes={"Api running": 700.0},
        alarm="api-near-concurrency",
        severity=TICKET,
        within=20,
        pages=0,
    ),
    Incident(
        cause="A rotation of the database's password fails",
        begins=_MORNING,
        lasts=60,
        changes={"DatabaseLogin rotation errors": lambda since, _: np.where(since < 3, 1.0, np.nan)},
        alarm="rotation-errors",
        severity=TICKET,
        within=5,
        pages=0,
    ),
    Incident(
        cause="The api's new version fails for one of ten requests of its canary",
        begins=_MORNING,
        lasts=30,
        changes={"people failing": lambda since, normal: np.where(since < 5, 0.1, normal)},
        alarm="api-release-server-errors",
        severity=TICKET,
        within=5,
        pages=0,
    ),
    Incident(
        cause="The webhook's new version crashes for one of twenty events",
        begins=_MORNING,
        lasts=30,
        changes={"Webhook errors": 1500.0, "webhooks failing": 0.05},
        alarm="webhook-release-errors",
        severity=TICKET,
        within=5,
    ),
    Incident(
        cause="The api's new version needs memory close to its limit",
        begins=_MORNING,
        lasts=30,
        changes={"Api memory": 1600.0},
        alarm="api-release-memory",
        severity=TICKET,
        within=5,
        pages=0,
    ),
)
