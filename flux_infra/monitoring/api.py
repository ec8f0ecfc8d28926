"""Monitoring of the HTTP API."""

from aws_cdk import Duration
from aws_cdk import aws_apigatewayv2 as apigateway
from aws_cdk import aws_cloudwatch as cloudwatch
from constructs import Construct

from ..config import FluxConfig, Severity
from .section import FIVE_MINUTES, Section
from .topics import Topics

# Flux's promise is 99.9 % over the month; ten times that rate of failures is worth waking up for.
FAILED_PERCENT = 1.0

LATENCY = Duration.seconds(1)  # Flux's promise: p95 under 1 s


class ApiSection(Section):
    """Answers that failed, and answers that were late, as API Gateway saw them."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        config: FluxConfig,
        topics: Topics,
        http_api: apigateway.IHttpApi,
    ) -> None:
        super().__init__(scope, construct_id, title="API", config=config, topics=topics)
        requests = http_api.metric_count(statistic="Sum", period=FIVE_MINUTES, label="requests")
        failed = http_api.metric_server_error(statistic="Sum", period=FIVE_MINUTES, label="5xx")
        refused = http_api.metric_client_error(statistic="Sum", period=FIVE_MINUTES, label="4xx")
        failed_percent = cloudwatch.MathExpression(
            expression="IF(requests > 0, 100 * failed / requests, 0)",
            using_metrics={"failed": failed, "requests": requests},
            period=FIVE_MINUTES,
            label="5xx, %",
        )
        errors = self._alarm(
            "api-errors",
            severity=Severity.PAGE,
            metric=failed_percent,
            threshold=FAILED_PERCENT,
            periods=2,
            of=3,
            impact=f"More than {FAILED_PERCENT:g} % of API requests fail (5xx); restaurants see errors.",
            first="see on the dashboard whether functions or database are at fault; if a release has just gone out, "
            "roll it back.",
            runbook="people-availability",
        )
        p50, p95 = (
            http_api.metric_latency(statistic=percentile, period=FIVE_MINUTES, label=percentile)
            for percentile in ("p50", "p95")
        )
        latency = self._alarm(
            "api-latency",
            severity=Severity.TICKET,
            metric=p95,
            threshold=LATENCY.to_milliseconds(),
            periods=3,
            impact="One API request in twenty takes over a second; the site feels slow.",
            first="compare database CPU and connections and the functions' durations on the dashboard.",
            runbook="people-latency",
        )
        self._graph("API: requests", [requests, refused, failed])
        self._graph("API: failed, %", [failed_percent], alarms=[errors])
        self._graph("API: latency, ms", [p50, p95], alarms=[latency])
