"""How far an alarm may look back, said at synth: CloudFormation would say it in the middle of a deployment.

aws-cdk-lib refuses an alarm on more than ten metrics itself.
"""

from collections.abc import Mapping
from typing import cast

from aws_cdk import Annotations, Stack
from aws_cdk import aws_cloudwatch as cloudwatch

# PutMetricAlarm, EvaluationPeriods (CloudWatch API Reference). Seconds.
_WEEK, _DAY, _HOUR = 604_800, 86_400, 3_600


def within_limits(alarm: cloudwatch.Alarm) -> cloudwatch.Alarm:
    """Return the alarm. Synth fails if it looks back further than CloudWatch does.

    Whoever makes an alarm calls this. An aspect would find them by itself, but visits every construct and makes synth a
    third slower.
    """
    resource = cast("cloudwatch.CfnAlarm", alarm.node.default_child)
    periods = _periods(resource)
    looks_back = max(periods) * int(resource.evaluation_periods or 1)
    limit = _WEEK if min(periods) >= _HOUR else _DAY
    if looks_back > limit:
        Annotations.of(alarm).add_error(
            f"alarm {resource.alarm_name} looks back {looks_back} s, and CloudWatch {limit} s at periods of "
            f"{min(periods)} s; take fewer evaluation periods, or periods of an hour or more"
        )
    return alarm


def _periods(alarm: cloudwatch.CfnAlarm) -> list[int]:
    """The periods of its metric, or of those it reckons with, seconds."""
    if alarm.period:
        return [int(alarm.period)]
    queries = cast("list[Mapping[str, object]]", Stack.of(alarm).resolve(alarm.metrics))
    stats = [cast("Mapping[str, int]", query["metricStat"]) for query in queries if "metricStat" in query]
    return [stat["period"] for stat in stats]
