"""How Flux does, in its own words: the metrics that functions print (docs/metrics.md)."""

from aws_cdk import aws_cloudwatch as cloudwatch
from constructs import Construct

from ..config import FluxConfig
from .objectives import FLUX
from .section import FIVE_MINUTES, Section


class BusinessSection(Section):
    """Sales, forecasts and people. Without alarms: what was promised of them is among the objectives."""

    def __init__(self, scope: Construct, construct_id: str, *, config: FluxConfig) -> None:
        super().__init__(scope, construct_id, title="Business", config=config)
        self._graph("Sales", [self._count("sync", name) for name in ("SalesFetched", "SalesStored", "SalesSetAside")])
        self._graph(
            "Sales: from till to database, s",
            [self._metric("sync", "SaleFreshness", percentile, label=percentile) for percentile in ("p50", "p99")],
        )
        self._graph(
            "Webhooks", [self._count("webhook", name) for name in ("EventsAccepted", "EventsEnqueued", "EventsRefused")]
        )
        self._graph(
            "Forecasts",
            [self._count("forecast", name) for name in ("ForecastsMade", "ForecastsLate", "ForecastsUnusual")],
        )
        self._graph(
            "Forecasts: error against what was sold, %",
            [self._metric("forecast", "ForecastError", percentile, label=percentile) for percentile in ("p50", "p90")],
        )
        self._graph(
            "People: sign-ins refused, reads from the cache and past it",
            [self._count("api", name) for name in ("SignInsRefused", "CacheHits", "CacheMisses")],
        )

    def _count(self, service: str, name: str) -> cloudwatch.Metric:
        return self._metric(service, name, "Sum", label=name)

    def _metric(self, service: str, name: str, statistic: str, *, label: str) -> cloudwatch.Metric:
        return cloudwatch.Metric(
            namespace=FLUX,
            metric_name=name,
            dimensions_map={"Environment": self._config.name, "service": service},
            statistic=statistic,
            period=FIVE_MINUTES,
            label=label,
        )
