"""Where the account's alerts go."""

from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_sns as sns
from aws_cdk.aws_sns_subscriptions import EmailSubscription
from constructs import Construct

from ..config.account_baseline import AccountBaseline
from .names import TOPIC, change_alarm_name


class SecurityAlerts(Construct):
    """An encrypted topic, written to by this account's alarms and rules, read by e-mail.

    Attributes:
        topic: the topic.
    """

    def __init__(self, scope: Construct, construct_id: str, *, baseline: AccountBaseline, key: kms.IKey) -> None:
        super().__init__(scope, construct_id)
        self.topic = sns.Topic(
            self,
            "Topic",
            topic_name=TOPIC,
            display_name=f"Flux account {baseline.name}: security",
            master_key=key,
            enforce_ssl=True,
        )
        place = f"{baseline.region}:{baseline.account}"
        self._accept(
            "cloudwatch",
            {
                "StringEquals": {"aws:SourceAccount": baseline.account},
                "ArnLike": {"aws:SourceArn": f"arn:aws:cloudwatch:{place}:alarm:{change_alarm_name('*')}"},
            },
        )
        # Without conditions, as in AWS's example ("Using resource-based policies for Amazon EventBridge", Amazon SNS
        # permissions, EventBridge User Guide): EventBridge does not promise to say for whom it comes, and an alert that
        # is refused vanishes. A rule of another account comes as a role of that account, which is not let in here.
        self._accept("events", None)
        self.topic.add_subscription(EmailSubscription(baseline.security_email))

    def _accept(self, service: str, conditions: dict[str, dict[str, str]] | None) -> None:
        self.topic.add_to_resource_policy(
            iam.PolicyStatement(
                sid=f"Allow{service.capitalize()}",
                principals=[iam.ServicePrincipal(f"{service}.amazonaws.com")],
                actions=["sns:Publish"],
                resources=[self.topic.topic_arn],
                conditions=conditions,
            )
        )
