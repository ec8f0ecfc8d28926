"""Monitoring of the HTTP API: people and points of sale apart, because there are a hundred webhooks to one of people.

It has no alarms: what people and points of sale were promised is watched as objectives.
"""

from aws_cdk import aws_apigatewayv2 as apigateway
from aws_cdk import aws_cloudwatch as cloudwatch
from constructs import Construct

from ..config import FluxConfig
from .objectives import API_GATEWAY, PEOPLE, WEBHOOKS, Route
from .section import FIVE_MINUTES, Section


class ApiSection(Section):
    """Requests, answers that failed, and how long they took, by route."""

    def __init__(
        self, scope: Construct, construct_id: str, *, config: FluxConfig, http_api: apigateway.IHttpApi
    ) -> None:
        super().__init__(scope, construct_id, title="API", config=config)
        self._http_api = http_api
        for who, route in (("people", PEOPLE), ("webhooks", WEBHOOKS)):
            self._graph(
                f"API: {who}",
                [
                    self._metric(route, "Count", "Sum", label="requests"),
                    self._metric(route, "4xx", "Sum", label="4xx"),
                    self._metric(route, "5xx", "Sum", label="5xx"),
                ],
            )
        self._graph(
            "API: latency of people's requests, ms",
            [self._metric(PEOPLE, "Latency", percentile, label=percentile) for percentile in ("p50", "p95", "p99")],
        )

    def _metric(self, route: Route, name: str, statistic: str, *, label: str) -> cloudwatch.Metric:
        return cloudwatch.Metric(
            namespace=API_GATEWAY,
            metric_name=name,
            statistic=statistic,
            dimensions_map={"ApiId": self._http_api.api_id, "Stage": "$default", **route.dimensions},
            period=FIVE_MINUTES,
            label=label,
        )
