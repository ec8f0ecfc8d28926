"""How far an alarm looks back: what CloudWatch allows, and how long a new one must wait.

Too far is said at synth: CloudFormation would say it in the middle of a deployment.

aws-cdk-lib refuses an alarm on more than ten metrics itself.
"""

from collections.abc import Mapping
from typing import cast

from aws_cdk import Annotations, Stack
from aws_cdk import aws_cloudwatch as cloudwatch

# PutMetricAlarm, EvaluationPeriods (CloudWatch API Reference). Seconds.
_WEEK, _DAY, _HOUR = 604_800, 86_400, 3_600

_LONGEST_WARM_UP_MINUTES = 2_880  # AWS::CloudWatch::Alarm WarmUpConfiguration (CloudFormation Template Reference)


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


def wait_for_data(alarm: cloudwatch.Alarm) -> None:
    """Let an alarm on silence begin when it could have heard something in all the time that it looks back.

    Otherwise it fires as soon as it is made: before that there was nothing to be heard.
    """
    resource = cast("cloudwatch.CfnAlarm", alarm.node.default_child)
    minutes = max(_periods(resource)) * int(resource.evaluation_periods or 1) // 60
    resource.warm_up_configuration = cloudwatch.CfnAlarm.WarmUpConfigurationProperty(
        warm_up_period_duration_in_minutes=min(minutes, _LONGEST_WARM_UP_MINUTES),
        # Zeros that metric math puts in for what is missing may count as data, which would end the wait at once.
        only_start_evaluating_after_warm_up_period_ends=True,
    )


def _periods(alarm: cloudwatch.CfnAlarm) -> list[int]:
    """The periods of its metric, or of those it reckons with, seconds."""
    if alarm.period:
        return [int(alarm.period)]
    queries = cast("list[Mapping[str, object]]", Stack.of(alarm).resolve(alarm.metrics))
    stats = [cast("Mapping[str, int]", query["metricStat"]) for query in queries if "metricStat" in query]
    return [stat["period"] for stat in stats]
