"""Alarms on what changes the account's own safety."""

from aws_cdk import Duration
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_cloudwatch_actions as actions
from aws_cdk import aws_logs as logs
from aws_cdk import aws_sns as sns
from constructs import Construct

from .changes import WATCHED, Watched
from .names import change_alarm_name

_NAMESPACE = "Flux/Account"


class ChangeAlarms(Construct):
    """One metric filter and one alarm for each of `WATCHED` (CIS AWS Foundations 5.1 to 5.15)."""

    def __init__(self, scope: Construct, construct_id: str, *, events: logs.ILogGroup, topic: sns.ITopic) -> None:
        super().__init__(scope, construct_id)
        speak = actions.SnsAction(topic)
        for watched in WATCHED:
            self._count(watched, events).create_alarm(
                self,
                _construct_id(watched),
                alarm_name=change_alarm_name(watched.subject),
                alarm_description=f"{watched.meaning} First: look in CloudTrail who it was and whether it was meant. "
                f"(CIS {watched.requirement})",
                threshold=1,
                comparison_operator=cloudwatch.ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
                evaluation_periods=1,
                treat_missing_data=cloudwatch.TreatMissingData.NOT_BREACHING,
            ).add_alarm_action(speak)

    def _count(self, watched: Watched, events: logs.ILogGroup) -> cloudwatch.Metric:
        counted = logs.MetricFilter(
            self,
            f"{_construct_id(watched)}Events",
            log_group=events,
            filter_pattern=logs.FilterPattern.literal(f"{{ {watched.pattern} }}"),
            metric_namespace=_NAMESPACE,
            metric_name=watched.subject,
            metric_value="1",
        )
        return counted.metric(statistic="Sum", period=Duration.minutes(5))


def _construct_id(watched: Watched) -> str:
    return "".join(word.capitalize() for word in watched.subject.split("-"))
