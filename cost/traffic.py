"""What is assumed to happen in an environment: each number once, with its reason.

Everything else about traffic is derived here from these numbers. Measured means: on this repository's code, without
AWS. What is not measured is a guess until the first bill.
"""

from collections.abc import Mapping
from dataclasses import dataclass

DAYS = 30.4
SECONDS = DAYS * 86_400


class TrafficError(LookupError):
    """Nothing is assumed about something that a template holds; the message says what to add."""


@dataclass(frozen=True, kw_only=True)
class Calls:
    """What one function does in a month.

    calls: how often it is started. milliseconds: how long each takes. log_bytes: what it prints in each, without
    Lambda's own lines. queue_requests: to SQS, for each call. metrics: series of CloudWatch that it keeps alive.
    """

    calls: float
    milliseconds: float = 0.0
    log_bytes: float = 0.0
    queue_requests: float = 0.0
    metrics: float = 0.0


@dataclass(frozen=True, kw_only=True)
class Traffic:
    """One environment's month.

    restaurants: that are connected; each gets one forecast a night.
    sales_a_day: each is one webhook.
    people_a_second: requests of people to the API, the month's average.
    page_loads_a_day: of the site, each by somebody whose browser has nothing cached.
    metrics_share: part of the month in which functions run and so keep their metrics alive; CloudWatch counts by hours.
    """

    restaurants: float
    sales_a_day: float
    people_a_second: float
    page_loads_a_day: float
    metrics_share: float = 1.0

    # SQS fills a batch of 10 only when messages wait; with 180 pollers for 580 messages a second few do.
    sales_a_batch: float = 2.0
    # Square's answer to one order, the assumption with the greatest weight: at 100 ms production's traffic costs a
    # fifth less, at 400 ms two fifths more.
    square_milliseconds: float = 200.0
    # One order with its TLS and headers. An order of three lines is 3 kB of JSON.
    square_bytes_in: float = 5_000.0
    square_bytes_out: float = 1_000.0
    # Calls of KMS for each sale: measured with TokenCipher and a counting KMS, 10,000 restaurants, 512 remembered.
    token_decryptions: float = 0.95
    webhook_milliseconds: float = 25.0  # the signature, and one message into the queue
    people_milliseconds: float = 50.0  # an answer from the cache or the database
    # History of 90 days, the model and the storing. The model takes 15 to 45 ms of them for 40 dishes (measured).
    forecast_milliseconds: float = 700.0
    platform_line_bytes: float = 338.0  # START, END and REPORT of one call, measured
    webhook_log_bytes: float = 650.0  # two lines of counts for each event, measured
    sync_log_bytes: float = 1_300.0  # two lines of counts for each batch and 200 bytes of each sale, measured
    access_line_bytes: float = 466.0  # API Gateway's, measured
    edge_line_bytes: float = 80.0  # CloudFront's, compressed
    queue_bytes: float = 4_000.0  # a message into SQS and out of it, with TLS and headers
    # 1,053 bytes with indexes, measured with PostgreSQL 18 and 200,000 sales; forecasts read 90 days.
    sale_bytes: float = 1_053.0
    sale_days: float = 90.0
    page_bytes: float = 400_000.0  # the site's first load, compressed
    page_files: float = 15.0
    answer_bytes: float = 5_000.0  # of the API, compressed
    streamed_metrics: float = 500.0  # that Datadog gets where it is switched on: those of the namespaces in datadog.py
    flow_log_bytes: float = 5e9  # a month; functions keep their connections, so there are few

    @property
    def sales(self) -> float:
        """In a month."""
        return self.sales_a_day * DAYS

    @property
    def people(self) -> float:
        """Requests of people to the API in a month."""
        return self.people_a_second * SECONDS

    @property
    def api_requests(self) -> float:
        """Everything that reaches the API in a month."""
        return self.sales + self.people

    @property
    def page_loads(self) -> float:
        """In a month."""
        return self.page_loads_a_day * DAYS

    @property
    def edge_requests(self) -> float:
        """Everything that reaches CloudFront in a month."""
        return self.api_requests + self.page_loads * self.page_files

    @property
    def stored_gb(self) -> float:
        """Sales in the database, as long as forecasts read them."""
        return self.sales_a_day * self.sale_days * self.sale_bytes / 1e9

    @property
    def new_gb_a_day(self) -> float:
        """What a day's sales add to the database, and so to its backup."""
        return self.sales_a_day * self.sale_bytes / 1e9

    def calls(self, function: str) -> Calls:
        """Return what the function of this name (POWERTOOLS_SERVICE_NAME) does in a month.

        Raises:
            TrafficError: nothing is assumed about it.
        """
        known = self._calls()
        if function not in known:
            raise TrafficError(f"{function}: how often it runs is not known; add it to Traffic in cost/traffic.py")
        return known[function]

    def _calls(self) -> Mapping[str, Calls]:
        sync, ticks = self.sales / self.sales_a_batch, 4 * 24 * DAYS * self.restaurants
        # Metrics: the vocabulary of each with its reasons (docs/metrics.md), and those of a release's version.
        return {
            "api": Calls(
                calls=self.people, milliseconds=self.people_milliseconds, log_bytes=500, metrics=12 * self.metrics_share
            ),
            "webhook": Calls(
                calls=self.sales,
                milliseconds=self.webhook_milliseconds,
                log_bytes=self.webhook_log_bytes,
                queue_requests=1,
                metrics=11 * self.metrics_share,
            ),
            "sync": Calls(
                # The quarter-hourly tick asks for each restaurant whether anything is new: one request of Square.
                calls=sync + ticks,
                milliseconds=self.square_milliseconds * (self.sales + ticks) / (sync + ticks),
                log_bytes=self.sync_log_bytes,
                queue_requests=2,
                metrics=22 * self.metrics_share,
            ),
            "forecast": Calls(
                calls=self.restaurants * DAYS,
                milliseconds=self.forecast_milliseconds,
                log_bytes=500,
                queue_requests=3,
                metrics=11 * self.metrics_share,
            ),
            # API Gateway keeps its answer for 30 s.
            "authorizer": Calls(calls=min(SECONDS / 30, self.api_requests), milliseconds=5),
            "probe": Calls(calls=SECONDS / 60, milliseconds=2_000, log_bytes=500, metrics=3),
            # While something is deployed, or once in 30 days.
            **dict.fromkeys(
                (
                    "migrate",
                    "release-gate",
                    "rotate-cache-login",
                    "rotate-database-login",
                    "rotate-database-owner",
                    "rotate-origin",
                    "rotate-probe",
                    "rotate-square-webhook",
                    "rotate-token-key",
                ),
                Calls(calls=30, milliseconds=5_000, log_bytes=5_000),
            ),
        }


# Production as it is planned: 10,000 restaurants with 5,000 sales each day. 6 requests a second are some 50 a day for
# each of them.
PROD = Traffic(restaurants=10_000, sales_a_day=50_000_000, people_a_second=6, page_loads_a_day=30_000)

# Rehearsals: the release before production's, some hours a week, with a few restaurants of Square's sandbox.
STAGING = Traffic(
    restaurants=20,
    sales_a_day=20_000,
    people_a_second=0.05,
    page_loads_a_day=100,
    metrics_share=0.5,
    flow_log_bytes=1e9,
)

# One developer at a time, by hand, on working days; previews as well.
DEV = Traffic(
    restaurants=5, sales_a_day=500, people_a_second=0.005, page_loads_a_day=20, metrics_share=0.2, flow_log_bytes=2e8
)


def traffic_of(environment: str) -> Traffic:
    """Return what is assumed of an environment; a preview is used like dev.

    Raises:
        TrafficError: nothing is assumed about it.
    """
    known = {"prod": PROD, "staging": STAGING, "dev": DEV}
    name = "dev" if environment.startswith("pr-") else environment
    if name not in known:
        raise TrafficError(f"{environment}: its traffic is not known; add it to traffic_of in cost/traffic.py")
    return known[name]
