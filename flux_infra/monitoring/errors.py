"""The errors of several functions as one number."""

from collections.abc import Sequence

from aws_cdk import aws_cloudwatch as cloudwatch

from ..compute.function import FluxFunction
from .section import FIVE_MINUTES


def sum_errors(functions: Sequence[FluxFunction], *, label: str) -> cloudwatch.MathExpression:
    """Return the functions' errors in five minutes, added up; its `using_metrics` are those of each function.

    label: what the graph calls the sum.
    """
    using = {
        each.name.replace("-", "_"): each.function.metric_errors(statistic="Sum", period=FIVE_MINUTES, label=each.name)
        for each in functions
    }
    return cloudwatch.MathExpression(
        # A function that did not run has no data, which would otherwise leave the sum without a value.
        expression=" + ".join(f"FILL({name}, 0)" for name in using),
        using_metrics=using,
        period=FIVE_MINUTES,
        label=label,
    )
