"""Monitoring of the forecasting model's endpoint."""

from aws_cdk import Duration
from aws_cdk import aws_cloudwatch as cloudwatch
from constructs import Construct

from ..config import FluxConfig, Severity
from ..ml.endpoint import ForecastEndpoint
from .section import FIVE_MINUTES, Section

ERRORS = 10  # in five minutes; a failed forecast is tried again from its queue

# A restaurant's forecast takes well under a second; the worker has 60 s for the whole of its message.
LATENCY = Duration.seconds(10)


class ModelSection(Section):
    """Forecasts that the model's container failed to make, or made too slowly."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        config: FluxConfig,
        endpoint: ForecastEndpoint,
    ) -> None:
        super().__init__(scope, construct_id, title="Model", config=config)
        failed = _metric(endpoint, "Invocation5XXErrors", "Sum", label="5xx")
        errors = self._alarm(
            "model-errors",
            severity=Severity.PAGE,
            metric=failed,
            threshold=ERRORS,
            impact="The forecasting model fails; the night's forecasts are late or missing.",
            first=f"read the log group /aws/sagemaker/Endpoints/{endpoint.name}; if a model has just been released, go "
            "back to the one before.",
            runbook="model-errors",
        )
        slow = _metric(endpoint, "ModelLatency", "p95", label="p95")
        latency = self._alarm(
            "model-latency",
            severity=Severity.TICKET,
            metric=slow,
            threshold=LATENCY.to_seconds() * 1_000_000,  # SageMaker counts in microseconds
            periods=3,
            impact=f"One forecast in twenty takes over {LATENCY.to_seconds()} s; the night's run may not end in time.",
            first="see whether invocations have grown with the restaurants; raise the number of instances.",
            runbook="an-alarm-fires",
        )
        self._graph("Model: invocations", [_metric(endpoint, "Invocations", "Sum", label="invocations")])
        self._graph("Model: failed invocations", [failed], alarms=[errors])
        self._graph("Model: latency, µs", [slow], alarms=[latency])


def _metric(endpoint: ForecastEndpoint, name: str, statistic: str, *, label: str) -> cloudwatch.Metric:
    return cloudwatch.Metric(
        namespace="AWS/SageMaker",
        metric_name=name,
        dimensions_map={"EndpointName": endpoint.name, "VariantName": endpoint.variant},
        statistic=statistic,
        period=FIVE_MINUTES,
        label=label,
    )
