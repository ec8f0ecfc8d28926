"""What the release alarms are made of: metrics over one minute, and alarms that speak through the one above them."""

from collections.abc import Mapping

from aws_cdk import Duration
from aws_cdk import aws_cloudwatch as cloudwatch
from constructs import Construct

from .function import ALIAS, FluxFunction

PERIOD = Duration.minutes(1)

LAMBDA, FLUX = "AWS/Lambda", "Flux"
SERVER_ERRORS = "ServerErrors"


def build_release_alarm(  # noqa: PLR0913 - an alarm has this many sides
    scope: Construct,
    construct_id: str,
    *,
    name: str,
    description: str,
    metric: cloudwatch.IMetric,
    threshold: float,
) -> cloudwatch.Alarm:
    """Return an alarm on one minute of a metric. It tells nobody: the composite alarm above it does."""
    return cloudwatch.Alarm(
        scope,
        construct_id,
        alarm_name=name,
        alarm_description=description,
        metric=metric,
        threshold=threshold,
        comparison_operator=cloudwatch.ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
        evaluation_periods=1,
        treat_missing_data=cloudwatch.TreatMissingData.NOT_BREACHING,
    )


def through_alias(function: FluxFunction) -> dict[str, str]:
    """Return the dimensions of what callers of the alias get, of all versions."""
    name = function.function.function_name
    return {"FunctionName": name, "Resource": f"{name}:{ALIAS}"}


def one_minute(namespace: str, metric_name: str, dimensions: Mapping[str, str], statistic: str) -> cloudwatch.Metric:
    """Return a metric over the shortest period of a standard one: a canary of five minutes has five of them."""
    return cloudwatch.Metric(
        namespace=namespace,
        metric_name=metric_name,
        dimensions_map=dimensions,
        statistic=statistic,
        period=PERIOD,
    )
