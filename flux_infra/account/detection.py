"""What looks for signs of an attack, and tells somebody."""

from aws_cdk import Duration
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_cloudwatch_actions as actions
from aws_cdk import aws_events as events
from aws_cdk import aws_guardduty as guardduty
from aws_cdk import aws_sns as sns
from constructs import Construct

from .names import change_alarm_name

# What Flux has: buckets, PostgreSQL and functions. It has no EC2 instances, ECS or EKS to protect.
_FEATURES = ("S3_DATA_EVENTS", "RDS_LOGIN_EVENTS", "LAMBDA_NETWORK_LOGS")  # FSBP GuardDuty.10, .9 and Lambda Protection
_SEVERE = 7  # of 10: "High" and "Critical" (GuardDuty User Guide, "Severity levels of findings")

_Feature = guardduty.CfnDetector.CFNFeatureConfigurationProperty


class ThreatDetection(Construct):
    """GuardDuty with the protections that Flux needs; its severe findings are sent to the security alerts."""

    def __init__(self, scope: Construct, construct_id: str, *, topic: sns.ITopic) -> None:
        super().__init__(scope, construct_id)
        guardduty.CfnDetector(
            self,
            "Detector",
            enable=True,
            finding_publishing_frequency="FIFTEEN_MINUTES",
            features=[_Feature(name=name, status="ENABLED") for name in _FEATURES],
        )
        # Not the library's Rule: its target would let every account's rules write to the topic. A finding that does
        # not arrive is still in GuardDuty and Security Hub.
        rule = events.CfnRule(
            self,
            "SevereFindings",
            description="GuardDuty found something severe in this account",
            event_pattern={
                "source": ["aws.guardduty"],
                "detail-type": ["GuardDuty Finding"],
                "detail": {"severity": [{"numeric": [">=", _SEVERE]}]},
            },
            targets=[events.CfnRule.TargetProperty(id="SecurityAlerts", arn=topic.topic_arn)],
        )
        # Nobody would miss an alert that EventBridge may not publish.
        alarm = cloudwatch.Alarm(
            self,
            "NotSent",
            alarm_name=change_alarm_name("finding-not-sent"),
            alarm_description="EventBridge could not publish a severe finding of GuardDuty. First: read it in "
            "GuardDuty, by docs/runbooks/an-account-alarm-fires.md (the alert).",
            metric=cloudwatch.Metric(
                namespace="AWS/Events",
                metric_name="FailedInvocations",
                dimensions_map={"RuleName": rule.ref},
                statistic="Sum",
                period=Duration.minutes(5),
            ),
            threshold=0,
            evaluation_periods=1,
            comparison_operator=cloudwatch.ComparisonOperator.GREATER_THAN_THRESHOLD,
            treat_missing_data=cloudwatch.TreatMissingData.NOT_BREACHING,
        )
        alarm.add_alarm_action(actions.SnsAction(topic))
