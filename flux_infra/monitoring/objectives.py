"""What Flux promises, in one table: burn-rate alarms, dashboards, status page and docs/objectives.md are made from it.

No constructs here: whoever reports on objectives imports this without the CDK.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum

from ..config import Severity
from ..config.promises import SALES_VISIBLE_SECONDS

BUDGET_DAYS = 28
"""An error budget is what may fail in this many days; whole weeks, so that each has the same weekends."""

FLUX, API_GATEWAY = "Flux", "AWS/ApiGateway"

MINUTE, HOUR, DAY = 60, 3_600, 86_400


class Deployed(Enum):
    """A dimension's value that the table cannot know.

    ENVIRONMENT: the environment's name. HTTP_API: what the stack Api gives out under this name.
    """

    ENVIRONMENT = "Environment"
    HTTP_API = "HttpApiId"


@dataclass(frozen=True, kw_only=True)
class Series:
    """A metric of CloudWatch with the statistic that is asked for."""

    namespace: str
    name: str
    statistic: str
    dimensions: Mapping[str, str | Deployed]

    def dimensions_in(self, places: Mapping[Deployed, str]) -> dict[str, str]:
        """Return the dimensions as CloudWatch knows them. places: what the deployment calls what only it knows."""
        return {
            name: places[value] if isinstance(value, Deployed) else value for name, value in self.dimensions.items()
        }


@dataclass(frozen=True, kw_only=True)
class Measure:
    """How many of `total` were bad. Exactly one of the others says it.

    good_percent: a percentile rank: which percentage of `total` was within the promise.
    """

    total: Series
    bad: Series | None = None
    good: Series | None = None
    good_percent: Series | None = None

    def __post_init__(self) -> None:
        if len(self.series) != 2:
            raise ValueError(f"Measure of {self.total.name}: give exactly one of bad, good and good_percent")

    @property
    def series(self) -> Mapping[str, Series]:
        """The metrics by their ids in `bad_count`."""
        all_of_them = {"bad": self.bad, "good": self.good, "good_percent": self.good_percent, "total": self.total}
        return {name: series for name, series in all_of_them.items() if series is not None}

    @property
    def bad_count(self) -> str:
        """Metric math for the number of bad ones; where nothing was counted it has no value, as `total` has none."""
        if self.bad is not None:
            return "FILL(bad, 0)"  # what counts failures is silent while nothing fails
        if self.good is not None:
            return "(total - FILL(good, 0))"
        return "(total * (1 - good_percent / 100))"


@dataclass(frozen=True, kw_only=True)
class Burn:
    """How fast a budget may be spent before somebody hears of it.

    rate: times the speed that would spend the whole budget in exactly BUDGET_DAYS.
    long, short: windows in seconds in which it must be as fast. The long one keeps a moment's trouble quiet, the short
        one ends the alarm soon after the trouble. No short one: what is measured once a day has no such moment.
    """

    name: str
    rate: float
    long: int
    short: int | None
    severity: Severity

    @property
    def windows(self) -> tuple[int, ...]:
        """The windows in seconds, the longest first."""
        return (self.long,) if self.short is None else (self.long, self.short)

    @property
    def lasts_days(self) -> float:
        """How long a whole budget lasts at this rate."""
        return BUDGET_DAYS / self.rate

    @property
    def spent_percent(self) -> float:
        """How much of the budget is gone when it fires, after the long window at just this rate.

        What is measured once a day stands for the whole of it.
        """
        covered = self.long if self.short else max(self.long, DAY)
        return 100 * self.rate * covered / (BUDGET_DAYS * DAY)


# "Alerting on SLOs", The Site Reliability Workbook, table 5-8: a page for 2 % and 5 % of the budget, a ticket for 10 %.
BURNS = (
    Burn(name="fast", rate=14.4, long=HOUR, short=5 * MINUTE, severity=Severity.PAGE),
    Burn(name="slow", rate=6, long=6 * HOUR, short=30 * MINUTE, severity=Severity.PAGE),
    Burn(name="budget", rate=1, long=3 * DAY, short=6 * HOUR, severity=Severity.TICKET),
)

# Even when every answer is late, a target of 95 % spends its budget only 20 times too fast, and the fast window of
# others would have enough after 43 minutes. This is more than half of the answers of ten minutes.
LATENCY_BURNS = (
    Burn(name="fast", rate=10, long=10 * MINUTE, short=5 * MINUTE, severity=Severity.PAGE),
    *BURNS[1:],
)

# One census a night. A single night at six times the promise has spent a fifth of the budget, and restaurants open
# without a forecast; three nights just above the promise are a tenth, as everywhere.
NIGHTLY_BURNS = (
    Burn(name="fast", rate=6, long=HOUR, short=None, severity=Severity.PAGE),
    Burn(name="budget", rate=1, long=3 * DAY, short=None, severity=Severity.TICKET),
)


@dataclass(frozen=True, kw_only=True)
class Objective:
    """One promise, how it is measured, and what a broken one does to whom.

    name: part of its alarms' names, and its runbook's.
    target_percent: how much of what is measured keeps the promise.
    least: bad ones in the long window below which nobody hears of it: with little traffic one is already a great share.
    impact, first: of its alarms.
    """

    name: str
    promise: str
    target_percent: float
    measure: Measure
    impact: str
    first: str
    least: int
    burns: tuple[Burn, ...] = BURNS

    @property
    def budget(self) -> float:
        """The share that may be bad."""
        return round(1 - self.target_percent / 100, 6)

    def burning(self, *, least: int) -> str:
        """Metric math for how many times too fast the budget is spent; 0 where fewer than `least` were bad.

        least: 1 or more, so that it never divides by nothing.
        """
        bad = self.measure.bad_count
        return f"IF({bad} >= {least}, {bad} / total / {self.budget:g}, 0)"


@dataclass(frozen=True, kw_only=True)
class Route:
    """A route of the HTTP API. Its metrics are detailed ones, by these dimensions beside the API and its stage.

    ("Monitor CloudWatch metrics for HTTP APIs", API Gateway Developer Guide.)
    """

    method: str
    path: str

    @property
    def dimensions(self) -> dict[str, str]:
        """What tells its metrics from those of other routes."""
        return {"Method": self.method, "Resource": self.path}

    def series(self, name: str, statistic: str = "Sum") -> Series:
        """One of its metrics."""
        return Series(
            namespace=API_GATEWAY,
            name=name,
            statistic=statistic,
            dimensions={"ApiId": Deployed.HTTP_API, "Stage": "$default", **self.dimensions},
        )


PEOPLE = Route(method="ANY", path="/api/{proxy+}")
WEBHOOKS = Route(method="POST", path="/api/v1/webhooks/{provider}")


def counted(service: str, name: str, statistic: str = "Sum") -> Series:
    """What a function counts (docs/metrics.md)."""
    return Series(
        namespace=FLUX,
        name=name,
        statistic=statistic,
        dimensions={"Environment": Deployed.ENVIRONMENT, "service": service},
    )


OBJECTIVES = (
    Objective(
        name="people-availability",
        promise="What owners ask of the API is answered, not with a 5xx.",
        target_percent=99.9,
        measure=Measure(bad=PEOPLE.series("5xx"), total=PEOPLE.series("Count")),
        impact="People get errors from the API: owners see no forecasts or cannot sign in.",
        first="if a release has just gone out, roll it back; else see the alarms of database, cache and functions.",
        least=5,
    ),
    Objective(
        name="people-latency",
        promise="The API answers owners within one second.",
        target_percent=95,
        measure=Measure(good_percent=PEOPLE.series("Latency", "PR(0:1000)"), total=PEOPLE.series("Count")),
        impact="People wait over a second for the API; pages are slow.",
        first="compare the database's CPU and connections with the functions' durations on the dashboard.",
        least=20,
        burns=LATENCY_BURNS,
    ),
    Objective(
        name="webhook-availability",
        promise="A point of sale's webhook is answered, not with a 5xx.",
        target_percent=99.95,
        measure=Measure(bad=WEBHOOKS.series("5xx"), total=WEBHOOKS.series("Count")),
        impact="Webhooks get errors: sales come late, with the next sync, and Square may stop sending.",
        first="if a release has just gone out, roll it back; else read the log of the webhook function.",
        least=5,
    ),
    Objective(
        name="sales-freshness",
        promise=f"A sale is stored within {SALES_VISIBLE_SECONDS // MINUTE} minutes of being rung up.",
        target_percent=99,
        measure=Measure(good=counted("sync", "SalesOnTime"), total=counted("sync", "SalesStored")),
        impact=f"Sales reach Flux more than {SALES_VISIBLE_SECONDS // MINUTE} minutes late; today's numbers are wrong.",
        first="see on the dashboard whether the pos-sync queue grows, and whether Square answers slowly.",
        least=20,
    ),
    Objective(
        name="forecasts-on-time",
        promise="At 05:00 UTC an active restaurant has its forecast of the day.",
        target_percent=99.5,
        measure=Measure(
            good=counted("forecast", "RestaurantsForecast"), total=counted("forecast", "RestaurantsActive")
        ),
        impact="Restaurants open without today's forecast.",
        first="see whether the nightly tick came, whether the forecast queue is empty, and what its dead letters hold.",
        least=1,
        burns=NIGHTLY_BURNS,
    ),
    Objective(
        name="journey",
        promise="The probe, who asks as an owner's browser does, gets every page and answer of its journey.",
        target_percent=99.5,
        measure=Measure(good=counted("probe", "JourneysSucceeded"), total=counted("probe", "JourneyRuns")),
        impact="The way of a user through site, sign-in and forecast is broken somewhere.",
        first="read the probe's log: it names the step that failed.",
        least=3,
    ),
)
