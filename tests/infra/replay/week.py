"""A normal week of production, generated: what happens, minute by minute, and what CloudWatch records of it.

10,000 restaurants. Their tills send 580 webhooks a second on average and 2.4 times that at lunch; people ask 6 to 60
times a second; at night 10,000 forecasts are made. There are two releases, and the noise of every week: blips of
errors, a bad quarter of an hour of Square's, moments without a free instance.
"""

from collections.abc import Callable, Iterator, Mapping
from functools import cache
from typing import ClassVar

import numpy as np

from .series import DAY, LEAD, MINUTES, Numbers, Recorded

type Signals = Mapping[str, Numbers]
"""What happens, each minute, by name."""

SEED = 20261130
RESTAURANTS = 10_000
FUNCTIONS = ("Api", "Webhook", "Sync", "Forecast", "Authorizer", "Migrate", "ReleaseGate", "Probe")
ROTATIONS = ("DatabaseLogin", "DatabaseOwner", "CacheLogin", "TokenKey", "SquareWebhook", "Probe", "Origin")

_CLOCK = np.arange(MINUTES)
_OF_DAY = _CLOCK % DAY
_NIGHT = (_OF_DAY >= 2 * 60) & (_OF_DAY < 3.5 * 60)  # when forecasts are made

# Restaurants of one country: quiet nights, a peak at lunch (17:00 UTC) and one at dinner; 1 on average.
_SHAPE = 0.25 + 2.0 * np.exp(-(((_OF_DAY - 17 * 60) / 100) ** 2)) + 1.45 * np.exp(-(((_OF_DAY - 23.5 * 60) / 140) ** 2))
_SHAPE += 1.45 * np.exp(-(((_OF_DAY + 0.5 * 60) / 140) ** 2))
_SHAPE *= 1 / _SHAPE.mean()

_RELEASES = (LEAD + 1 * DAY + 14 * 60, LEAD + 3 * DAY + 14 * 60)


def at(day: int, hour: float) -> int:
    """A minute of the week. day: 0 is its first."""
    return LEAD + day * DAY + int(hour * 60)


@cache
def normal() -> Signals:
    """What happens in a normal week."""
    random = np.random.default_rng(SEED)

    def noisy(value: float | Numbers, share: float = 0.1) -> Numbers:
        return np.asarray(value * random.lognormal(0, share, MINUTES))

    def seldom(value: float) -> Numbers:
        """Nothing, but for about one minute in a day."""
        return np.where(random.random(MINUTES) < 1 / DAY, value, 0.0)

    def nothing() -> Numbers:
        return np.zeros(MINUTES)

    def by_clock(*minutes: int) -> Numbers:
        """1 at these minutes of each day, none at others."""
        return np.where(np.isin(_OF_DAY, minutes), 1.0, np.nan)

    people = random.poisson(60 * (6 + 54 * _SHAPE / _SHAPE.max())).astype(float)
    webhooks = random.poisson(60 * 580 * _SHAPE).astype(float)
    forecasts = np.where(_NIGHT, random.poisson(RESTAURANTS / 90, MINUTES), 0).astype(float)
    signals = {
        "people": people,
        "people failing": noisy(0.0001) + seldom(0.01),
        "people median": noisy(90),
        "webhooks": webhooks,
        "webhooks failing": noisy(0.00001),
        "webhooks refused": noisy(0.0005),
        "webhooks median": noisy(25),
        "pages failing": noisy(0.0001),
        "edge failing": noisy(0.0001),
        "sales": webhooks,
        "sales late": noisy(0.0005),
        "sales median age": noisy(8),
        "sales set aside": noisy(0.0001),
        "square failing": noisy(0.001),
        "square median": noisy(180),
        "connections": by_clock(*range(1, DAY, 15)) * RESTAURANTS,
        "connections silent": by_clock(*range(1, DAY, 15)) * noisy(12, 0.05).round(),
        "connections revoked": seldom(1),
        "busiest share": noisy(4),
        "pos-sync age": noisy(6 + 40 * _SHAPE, 0.3),
        "pos-sync postponed age": np.where(random.random(MINUTES) < 0.02, 60.0, np.nan),
        "pos-sync dead": nothing(),
        "forecasts": forecasts,
        "forecasts failing": noisy(0.0002),
        "forecast age": np.where(_NIGHT, (_OF_DAY - 120) * 50.0, 0.0),
        "forecast postponed age": np.full(MINUTES, np.nan),
        "forecast dead": nothing(),
        "model failing": noisy(0.0001),
        "model median": noisy(450_000),  # microseconds
        "database cpu": noisy(22 + 12 * _SHAPE + np.where(_NIGHT, 18, 0)),
        "database connections": noisy(900 + 500 * _SHAPE),
        "database memory": noisy(14e9, 0.03),
        "database storage": 900e9 - 3e9 / DAY * _CLOCK,
        "database latency": noisy(0.0012, 0.2),  # seconds
        "database transactions": 2e8 + noisy(2e7, 0.2),  # the age of the oldest transaction id
        "database load": noisy(1.5 + 1.2 * _SHAPE),
        "cache cpu": noisy(9 + 6 * _SHAPE),
        "cache memory": noisy(31, 0.02),
        "nat ports refused": nothing(),
        "nat packets": noisy(230_000 * _SHAPE),  # of each gateway, each way
        "nat packets dropped": seldom(20),
        "secret age": by_clock(390) * 29,
        "certificate days": by_clock(180, 900) * (120 - _CLOCK // DAY),
        "zone failing": by_clock(*range(0, DAY, 240)) - 1,
        "zone keys": by_clock(*range(0, DAY, 240)) - 1,
        "nightly ticks": by_clock(120),
        "census ticks": by_clock(300),
        "quarter-hourly ticks": by_clock(*range(0, DAY, 15)),
        "nightly not delivered": np.full(MINUTES, np.nan),
        "census not delivered": np.full(MINUTES, np.nan),
        "quarter-hourly not delivered": np.full(MINUTES, np.nan),
        "backups completed": by_clock(260),
        "backups failed": np.full(MINUTES, np.nan),
        "copies failed": np.full(MINUTES, np.nan),
        "probes": np.ones(MINUTES),
        "probes failing": np.where(random.random(MINUTES) < 1 / 2000, 1.0, 0.0),
        "probes median": noisy(1800),
        "active": np.where(_OF_DAY == 300, float(RESTAURANTS), np.nan),
        "forecast at five": np.where(_OF_DAY == 300, RESTAURANTS - random.poisson(2, MINUTES), np.nan),
        "sign-ins refused": noisy(3, 0.5).round(),
        "page not delivered": np.full(MINUTES, np.nan),
        "ticket not delivered": np.full(MINUTES, np.nan),
    }
    for name in FUNCTIONS:
        signals[f"{name} errors"] = seldom(1)
        signals[f"{name} throttles"] = seldom(2)
        signals[f"{name} memory"] = noisy(110, 0.02)
    for name in ROTATIONS:
        signals[f"{name} rotation errors"] = np.full(MINUTES, np.nan)
    for name in FUNCTIONS:
        signals[f"{name} running"] = noisy(12)
    for release in _RELEASES:  # cold starts
        started = slice(release, release + 3)
        for name in ("people median", "webhooks median"):
            signals[name][started] *= 3
        signals["database connections"][started] += 300
    slow = slice(at(2, 19), at(2, 19.25))
    signals["square failing"][slow] = 0.05
    signals["square median"][slow] *= 2
    signals["pos-sync age"][slow] += 90
    return signals


class Recording(Mapping[str, Recorded]):
    """What CloudWatch records of what happens: metrics by the keys of `alarms.key`, made when they are asked for.

    Metrics of signals that are the same arrays are the same objects.
    """

    _kept: ClassVar[dict[tuple[str, tuple[int, ...]], tuple[tuple[Numbers, ...], Recorded]]] = {}

    def __init__(self, signals: Signals) -> None:
        self._signals = signals

    def __iter__(self) -> Iterator[str]:
        return iter(METRICS)

    def __len__(self) -> int:
        return len(METRICS)

    def __getitem__(self, metric: str) -> Recorded:
        make, names = METRICS[metric]
        signals = tuple(self._signals[name] for name in names)
        identity = (metric, tuple(map(id, signals)))
        if identity not in self._kept:
            self._kept[identity] = (signals, make(*signals))
        return self._kept[identity][1]


type Make = Callable[..., Recorded]


def _both(make: Make) -> Make:
    """Two metrics as one: arguments of the first, then of the second."""
    return lambda *signals: make(*signals[: len(signals) // 2]) + make(*signals[len(signals) // 2 :])


def _events(number: Numbers, *shares: Numbers) -> Recorded:
    """Each of so many observations is 1; with shares, that part of them is counted."""
    whole = np.ones(MINUTES)
    for share in shares:
        whole = whole * share
    return Recorded.shares(number, whole)


def _counted(number: Numbers, *shares: Numbers) -> Recorded:
    """One observation a minute: so many of them. What does not happen is not reported."""
    total = np.round(np.prod([number, *shares], axis=0))
    return Recorded.of(np.where(total > 0, total, np.nan))


def _rest(number: Numbers, share: Numbers) -> Recorded:
    return _counted(number, 1 - share)


def _seconds(number: Numbers, median: Numbers) -> Recorded:
    return Recorded.times(number, median, spread=0.8)


def _metrics() -> Iterator[tuple[str, Make, tuple[str, ...]]]:
    """Each metric: how it is made, and from which signals."""
    people, webhooks = "ANY", "POST"
    routes = {
        people: ("/api/{proxy+}", ("people", "people failing", "people median")),
        webhooks: ("/api/v1/webhooks/{provider}", ("webhooks", "webhooks failing", "webhooks median")),
    }
    gateway = "AWS/ApiGateway"
    both = [name for _, names in routes.values() for name in names]
    yield f"{gateway} Count", _both(lambda number, *_: _events(number)), tuple(both)
    yield f"{gateway} 5xx", _both(lambda number, share, _: _events(number, share)), tuple(both)
    yield f"{gateway} Latency", _both(lambda number, _, median: Recorded.times(number, median)), tuple(both)
    for method, (resource, (number, failing, median)) in routes.items():
        route = f"Method={method} Resource={resource}"
        yield f"{gateway} Count {route}", _events, (number,)
        yield f"{gateway} 5xx {route}", _events, (number, failing)
        yield f"{gateway} Latency {route}", Recorded.times, (number, median)
    yield (
        "AWS/CloudFront 5xxErrorRate",
        _everyone,
        ("people", "people failing", "webhooks", "webhooks failing", "pages failing", "edge failing"),
    )
    yield from _of_functions()
    yield from _of_stores_and_ways()
    yield from _by_the_clock()
    yield from _of_business()


def _everyone(*signals: Numbers) -> Recorded:
    """The percentage of all requests at the edge; a page is asked for a third as often as the API."""
    people, failing, webhooks, others, pages, edge = signals
    asked = people / 3
    behind = (people * failing + webhooks * others + asked * pages) / (people + webhooks + asked)
    return Recorded.of(100 * (edge + (1 - edge) * behind))


_WORK = {
    "Api": ("people", "people median"),
    "Webhook": ("webhooks", "webhooks median"),
    "Sync": ("sales", "square median"),
    "Forecast": ("forecasts", "model median"),
    "Authorizer": ("people", "webhooks median"),
    "Migrate": ("people", "people median"),
    "ReleaseGate": ("people", "people median"),
    "Probe": ("probes", "probes median"),
}
"""How often each function runs, and how long it takes."""


def _of_functions() -> Iterator[tuple[str, Make, tuple[str, ...]]]:
    for name in FUNCTIONS:
        number, median = _WORK[name]
        live = f"FunctionName={name} Resource={name}:live"
        for dimensions in (f"FunctionName={name}", live, f"ExecutedVersion=new {live}"):
            yield f"AWS/Lambda Invocations {dimensions}", _events, (number,)
            yield f"AWS/Lambda Errors {dimensions}", Recorded.of, (f"{name} errors",)
            yield f"AWS/Lambda ConcurrentExecutions {dimensions}", Recorded.of, (f"{name} running",)
            yield f"AWS/Lambda Throttles {dimensions}", Recorded.of, (f"{name} throttles",)
            scale = 0.001 if name == "Forecast" else 1.0
            yield (
                f"AWS/Lambda Duration {dimensions}",
                lambda number, median, scale=scale: Recorded.times(number, median * scale),
                (number, median),
            )
        version = f"ExecutedVersion=new FunctionName={name}"
        yield f"Flux MemoryUsed {version}", Recorded.of, (f"{name} memory",)
    for name, number, lost in (("Webhook", "webhooks", "webhooks failing"), ("Sync", "sales", "sales set aside")):
        yield f"Flux WorkPromised ExecutedVersion=new FunctionName={name}", _counted, (number,)
        yield f"Flux WorkKept ExecutedVersion=new FunctionName={name}", _rest, (number, lost)
    for dimensions in ("ExecutedVersion=new FunctionName=Api", "FunctionName=Api Resource=Api:live"):
        yield f"Flux Requests {dimensions}", _counted, ("people",)
        yield f"Flux ServerErrors {dimensions}", _counted, ("people", "people failing")
        yield f"Flux Latency {dimensions}", Recorded.times, ("people", "people median")
    for name in ROTATIONS:
        yield f"AWS/Lambda Errors FunctionName={name}Rotate", Recorded.of, (f"{name} rotation errors",)


def _of_stores_and_ways() -> Iterator[tuple[str, Make, tuple[str, ...]]]:
    for metric, signal in {
        "CPUUtilization": "cpu",
        "DatabaseConnections": "connections",
        "FreeableMemory": "memory",
        "FreeStorageSpace": "storage",
        "ReadLatency": "latency",
        "WriteLatency": "latency",
        "CommitLatency": "latency",
        "DBLoad": "load",
        "MaximumUsedTransactionIDs": "transactions",
    }.items():
        yield f"AWS/RDS {metric}", Recorded.of, (f"database {signal}",)
    for node in ("001", "002"):
        cluster = f"CacheClusterId=CacheReplicationGroup-{node}"
        yield f"AWS/ElastiCache EngineCPUUtilization {cluster}", Recorded.of, ("cache cpu",)
        yield f"AWS/ElastiCache DatabaseMemoryUsagePercentage {cluster}", Recorded.of, ("cache memory",)
    for gateway in (f"NatGatewayId=VpcPublicSubnet{number}NATGateway" for number in (1, 2, 3)):
        yield f"AWS/NATGateway ErrorPortAllocation {gateway}", Recorded.of, ("nat ports refused",)
        yield f"AWS/NATGateway PacketsDropCount {gateway}", Recorded.of, ("nat packets dropped",)
        for way in ("Source", "Destination"):
            yield f"AWS/NATGateway PacketsInFrom{way} {gateway}", Recorded.of, ("nat packets",)
    yield "AWS/CertificateManager DaysToExpiry", Recorded.of, ("certificate days",)
    yield "AWS/Route53 DNSSECInternalFailure", Recorded.of, ("zone failing",)
    yield "AWS/Route53 DNSSECKeySigningKeysNeedingAction", Recorded.of, ("zone keys",)
    for queue, name in (("PosSync", "pos-sync"), ("Forecasts", "forecast")):
        yield f"AWS/SQS ApproximateAgeOfOldestMessage QueueName={queue}", Recorded.of, (f"{name} age",)
        yield f"AWS/SQS ApproximateNumberOfMessagesVisible QueueName={queue}DeadLetters", Recorded.of, (f"{name} dead",)
        yield f"Flux PostponedMessageAge Queue={name}", Recorded.of, (f"{name} postponed age",)
    yield "AWS/SageMaker Invocations", _events, ("forecasts",)
    yield "AWS/SageMaker Invocation5XXErrors", _events, ("forecasts", "model failing")
    yield "AWS/SageMaker ModelLatency", Recorded.times, ("forecasts", "model median")


def _by_the_clock() -> Iterator[tuple[str, Make, tuple[str, ...]]]:
    for rule, name in (("Nightly", "nightly"), ("Census", "census"), ("QuarterHourly", "quarter-hourly")):
        yield f"AWS/Events Invocations RuleName={rule}", Recorded.of, (f"{name} ticks",)
        for metric in ("FailedInvocations", "InvocationsFailedToBeSentToDlq"):
            yield f"AWS/Events {metric} RuleName={rule}", Recorded.of, (f"{name} not delivered",)
    for topic in ("page", "ticket"):
        yield f"AWS/SNS NumberOfNotificationsFailed TopicName={topic}", Recorded.of, (f"{topic} not delivered",)
    yield "AWS/Backup NumberOfBackupJobsCompleted", Recorded.of, ("backups completed",)
    for state in ("Aborted", "Expired", "Failed"):
        yield f"AWS/Backup NumberOfBackupJobs{state}", Recorded.of, ("backups failed",)
    yield "AWS/Backup NumberOfCopyJobsFailed", Recorded.of, ("copies failed",)


def _of_business() -> Iterator[tuple[str, Make, tuple[str, ...]]]:
    """The vocabulary of what functions count (docs/metrics.md)."""
    yield "Flux EventsAccepted service=webhook", _rest, ("webhooks", "webhooks refused")
    yield "Flux EventsRefused service=webhook", _counted, ("webhooks", "webhooks refused")
    yield "Flux EventsEnqueued service=webhook", _rest, ("webhooks", "webhooks failing")
    yield "Flux SalesFetched service=sync", _counted, ("sales",)
    yield "Flux SalesStored service=sync", _rest, ("sales", "sales set aside")
    yield "Flux SalesSetAside service=sync", _counted, ("sales", "sales set aside")
    yield "Flux SalesOnTime service=sync", _rest, ("sales", "sales late")
    yield "Flux SaleFreshness service=sync", _seconds, ("sales", "sales median age")
    yield "Flux SquareCalls service=sync", _counted, ("sales",)
    yield "Flux SquareErrors service=sync", _counted, ("sales", "square failing")
    yield "Flux SquareLatency service=sync", Recorded.times, ("sales", "square median")
    yield "Flux ConnectionsRevoked service=sync", _counted, ("connections revoked",)
    yield "Flux ConnectionsActive service=sync", Recorded.of, ("connections",)
    yield "Flux ConnectionsSilent service=sync", Recorded.of, ("connections silent",)
    yield "Flux BusiestTenantShare service=sync", Recorded.of, ("busiest share",)
    yield "Flux ForecastsMade service=forecast", _rest, ("forecasts", "forecasts failing")
    yield "Flux ForecastsLate service=forecast", _counted, ("forecasts", "forecasts failing")
    yield "Flux RestaurantsActive service=forecast", Recorded.of, ("active",)
    yield "Flux RestaurantsForecast service=forecast", Recorded.of, ("forecast at five",)
    yield "Flux SignInsRefused service=api", _counted, ("sign-ins refused",)
    yield "Flux JourneyRuns service=probe", Recorded.of, ("probes",)
    yield "Flux JourneysSucceeded service=probe", _rest, ("probes", "probes failing")
    yield "Flux SecretAgeDays service=probe", Recorded.of, ("secret age",)
    yield "Flux JourneyMilliseconds service=probe", Recorded.times, ("probes", "probes median")


METRICS: Mapping[str, tuple[Make, tuple[str, ...]]] = {name: (make, names) for name, make, names in _metrics()}
"""How each metric is made, and from which signals."""
