"""Where alarms go."""

from aws_cdk import Stack
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_sns as sns
from aws_cdk.aws_sns_subscriptions import EmailSubscription
from constructs import Construct

from ..config import FluxConfig
from ..constructs.key import build_key
from ..constructs.names import alarm_name, alerts_topic_arn, alerts_topic_name


class AlertTopic(Construct):
    """The SNS topic of every alarm: encrypted, TLS only, written to by our alarms and databases, read by e-mail.

    Attributes:
        topic: the topic. Its name is known beforehand (`naming.alerts_topic_arn`), so that alarms in earlier layers can
            speak to it.
    """

    def __init__(self, scope: Construct, construct_id: str, *, config: FluxConfig) -> None:
        super().__init__(scope, construct_id)
        key = build_key(self, "Key", config=config, description="alerts")
        self.topic = sns.Topic(
            self,
            "Topic",
            topic_name=alerts_topic_name(config),
            display_name=f"Flux {config.name} alerts",
            master_key=key,
            enforce_ssl=True,
        )
        alarms = iam.ServicePrincipal("cloudwatch.amazonaws.com", conditions=self._only_our_alarms(config))
        self.topic.add_to_resource_policy(
            iam.PolicyStatement(
                sid="AllowOurAlarms", principals=[alarms], actions=["sns:Publish"], resources=[self.topic.topic_arn]
            )
        )
        # Without these two, CloudWatch's messages to an encrypted topic vanish without a trace ("Enable compatibility
        # between event sources from AWS services and encrypted topics", SNS Developer Guide).
        key.add_to_resource_policy(
            iam.PolicyStatement(
                principals=[alarms],
                actions=["kms:Decrypt", "kms:GenerateDataKey*"],
                resources=["*"],  # in a key policy: this key
            )
        )
        self._accept_database_events(key, config)
        self.topic.add_subscription(EmailSubscription(config.alert_email))

    def _accept_database_events(self, key: kms.Key, config: FluxConfig) -> None:
        """Let RDS publish what happens to this account's databases ("Granting permissions", RDS User Guide).

        The key asks for the topic only: RDS's guide names no condition on the source for it, and a wrong one would
        make messages vanish.
        """
        events = iam.ServicePrincipal("events.rds.amazonaws.com")
        account, region = Stack.of(self).account, Stack.of(self).region
        self.topic.add_to_resource_policy(
            iam.PolicyStatement(
                sid="AllowOurDatabases",
                principals=[events],
                actions=["sns:Publish"],
                resources=[self.topic.topic_arn],
                conditions={
                    "StringEquals": {"aws:SourceAccount": account},
                    "ArnLike": {"aws:SourceArn": f"arn:aws:rds:{region}:{account}:*"},
                },
            )
        )
        key.add_to_resource_policy(
            iam.PolicyStatement(
                principals=[events],
                actions=["kms:Decrypt", "kms:GenerateDataKey*"],
                resources=["*"],  # in a key policy: this key
                conditions={"StringEquals": {"kms:EncryptionContext:aws:sns:topicArn": alerts_topic_arn(config)}},
            )
        )

    def _only_our_alarms(self, config: FluxConfig) -> dict[str, dict[str, str]]:
        account, region = Stack.of(self).account, Stack.of(self).region
        return {
            "StringEquals": {"aws:SourceAccount": account},
            "ArnLike": {"aws:SourceArn": f"arn:aws:cloudwatch:{region}:{account}:alarm:{alarm_name(config, '*')}"},
        }
