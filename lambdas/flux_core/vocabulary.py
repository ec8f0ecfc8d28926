"""Every metric that says how Flux does, and no other: `count` and `record` take nothing else (docs/metrics.md).

What alarms on a release watch is not here: it is told apart by executed version (api/metrics.py, flux_core/tally.py).
"""

from dataclasses import dataclass
from typing import Literal

type Unit = Literal["Count", "Seconds", "Milliseconds", "Percent"]
type Service = Literal["api", "webhook", "sync", "forecast", "probe"]


@dataclass(frozen=True, kw_only=True)
class Metric:
    """One metric of CloudWatch's namespace `Flux`, with the dimensions Environment and service.

    service: the function that reports it. meaning: what one more, or the value, says.
    reasons: those that it is counted by besides, in the further dimension Reason; none: it has no reason.
    """

    name: str
    unit: Unit
    service: Service
    meaning: str
    reasons: tuple[str, ...] = ()


EVENTS_ACCEPTED = Metric(
    name="EventsAccepted", unit="Count", service="webhook", meaning="webhook events that were answered with 202"
)
EVENTS_ENQUEUED = Metric(
    name="EventsEnqueued", unit="Count", service="webhook", meaning="webhook events that SQS has confirmed"
)
EVENTS_REFUSED = Metric(
    name="EventsRefused",
    unit="Count",
    service="webhook",
    meaning="webhook requests that were answered with an error; `not stored` alone is our fault",
    reasons=("unknown provider", "too large", "forged", "malformed", "not stored"),
)

SALES_FETCHED = Metric(
    name="SalesFetched", unit="Count", service="sync", meaning="orders that Square has given us, known ones among them"
)
SALES_STORED = Metric(
    name="SalesStored",
    unit="Count",
    service="sync",
    meaning="sales that were stored for the first time; not those from before the connection to Square was made",
)
SALES_ON_TIME = Metric(
    name="SalesOnTime",
    unit="Count",
    service="sync",
    meaning="those of SalesStored that were stored within the promised time of being rung up",
)
SALE_FRESHNESS = Metric(
    name="SaleFreshness",
    unit="Seconds",
    service="sync",
    meaning="from when a sale was rung up until it was stored; one value for each of SalesStored",
)
SALES_SET_ASIDE = Metric(
    name="SalesSetAside",
    unit="Count",
    service="sync",
    meaning="orders that are no sale, or no sale of a restaurant that we know",
    reasons=("open", "draft", "unknown state", "without id", "without time", "elsewhere"),
)
SQUARE_CALLS = Metric(name="SquareCalls", unit="Count", service="sync", meaning="requests to Square")
SQUARE_ERRORS = Metric(
    name="SquareErrors",
    unit="Count",
    service="sync",
    meaning="those of SquareCalls with no usable answer: Square was away, slow, busy or failed",
)
SQUARE_LATENCY = Metric(
    name="SquareLatency", unit="Milliseconds", service="sync", meaning="of each of SquareCalls, until its whole answer"
)
CONNECTIONS_REVOKED = Metric(
    name="ConnectionsRevoked",
    unit="Count",
    service="sync",
    meaning="connections that ended because the owner withdrew our access to Square",
)
CONNECTIONS_ACTIVE = Metric(
    name="ConnectionsActive",
    unit="Count",
    service="sync",
    meaning="connections that a tick asks Square for; one value each quarter of an hour",
)
CONNECTIONS_SILENT = Metric(
    name="ConnectionsSilent",
    unit="Count",
    service="sync",
    meaning="those of ConnectionsActive whose last complete sync is older than an hour",
)
BUSIEST_TENANT_SHARE = Metric(
    name="BusiestTenantShare",
    unit="Percent",
    service="sync",
    meaning="of a full batch of messages, the share of the restaurant with the most; batches are full when messages "
    "wait, and only then does one restaurant take time from others",
)

FORECASTS_MADE = Metric(
    name="ForecastsMade", unit="Count", service="forecast", meaning="restaurants whose forecasts were stored"
)
FORECASTS_LATE = Metric(
    name="ForecastsLate",
    unit="Count",
    service="forecast",
    meaning="those of ForecastsMade that were stored after the hour that they are due, repeated runs among them",
)
FORECASTS_UNUSUAL = Metric(
    name="ForecastsUnusual",
    unit="Count",
    service="forecast",
    meaning="those of ForecastsMade whose first day's total is below the least or above the most that the restaurant "
    "sold on that weekday in 90 days; not judged with less than four such days",
)
FORECAST_ERROR = Metric(
    name="ForecastError",
    unit="Percent",
    service="forecast",
    meaning="what a restaurant sold on its last whole day against what was forecast for that day: the sum over dishes "
    "of the differences, as a share of all that was sold; no value without sales or without a forecast",
)
RESTAURANTS_ACTIVE = Metric(
    name="RestaurantsActive",
    unit="Count",
    service="forecast",
    meaning="active restaurants when forecasts are due, without those opened that day that have none yet; one value a "
    "night",
)
RESTAURANTS_FORECAST = Metric(
    name="RestaurantsForecast",
    unit="Count",
    service="forecast",
    meaning="those of RestaurantsActive that have the night's forecasts",
)

SIGN_INS_REFUSED = Metric(
    name="SignInsRefused",
    unit="Count",
    service="api",
    meaning="sign-ins that were refused",
    reasons=("wrong", "too many tries"),
)
CACHE_HITS = Metric(
    name="CacheHits", unit="Count", service="api", meaning="reads of forecasts that the cache has answered"
)
CACHE_MISSES = Metric(
    name="CacheMisses", unit="Count", service="api", meaning="reads of forecasts that it has not, or it was away"
)

JOURNEY_RUNS = Metric(name="JourneyRuns", unit="Count", service="probe", meaning="runs of the user's journey")
JOURNEYS_SUCCEEDED = Metric(
    name="JourneysSucceeded", unit="Count", service="probe", meaning="those of JourneyRuns in which every step was good"
)
JOURNEY_MILLISECONDS = Metric(
    name="JourneyMilliseconds", unit="Milliseconds", service="probe", meaning="how long each of JourneyRuns took"
)
SECRET_AGE_DAYS = Metric(
    name="SecretAgeDays",
    unit="Count",
    service="probe",
    meaning="how long the oldest value of a secret that rotates has been in use, days; one value a day",
)

VOCABULARY: tuple[Metric, ...] = tuple(each for each in dict(globals()).values() if isinstance(each, Metric))
