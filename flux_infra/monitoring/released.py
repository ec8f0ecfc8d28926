"""Releases as they happen: each version of a function apart, the one that goes beside the one that comes."""

from collections.abc import Sequence

from aws_cdk import aws_cloudwatch as cloudwatch
from constructs import Construct

from ..compute.function import FluxFunction
from ..config import FluxConfig
from .section import MINUTE, Section

# By version, Lambda counts under these ("Viewing metrics for Lambda functions", dimension of weighted aliases).
_BY_VERSION = "AWS/Lambda,ExecutedVersion,FunctionName,Resource"


class ReleasesSection(Section):
    """What each version answers and fails. Their alarms belong to the layer Compute, which CodeDeploy watches."""

    def __init__(
        self, scope: Construct, construct_id: str, *, config: FluxConfig, functions: Sequence[FluxFunction]
    ) -> None:
        super().__init__(scope, construct_id, title="Releases", config=config)
        for function in functions:
            for name, statistic in (("Invocations", "Sum"), ("Errors", "Sum"), ("Duration", "p99")):
                self._graph(f"{function.name}: {name} by version", [_by_version(function, name, statistic)])


def _by_version(function: FluxFunction, name: str, statistic: str) -> cloudwatch.MathExpression:
    found = f'{{{_BY_VERSION}}} MetricName="{name}" FunctionName="{function.function.function_name}"'
    return cloudwatch.MathExpression(
        expression=f"SEARCH('{found}', '{statistic}', {MINUTE.to_seconds()})",
        using_metrics={},
        period=MINUTE,
        label="",
    )
