"""Where alarms go."""

from collections.abc import Mapping

from aws_cdk import Stack
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_sns as sns
from aws_cdk.aws_sns_subscriptions import EmailSubscription
from constructs import Construct

from ..config import FluxConfig, Severity
from ..constructs.key import build_key
from ..constructs.names import alarm_name, topic_arn, topic_name

type Topics = Mapping[Severity, sns.Topic]


class AlertTopics(Construct):
    """An SNS topic for each severity: encrypted, TLS only, written to by our alarms, read by e-mail.

    What RDS says of the database goes to the tickets: what of it hurts anybody has an alarm that pages.

    Attributes:
        topics: by severity. Their names are known beforehand (`names.topic_arn`), so that alarms in earlier layers can
            speak to them.
    """

    def __init__(self, scope: Construct, construct_id: str, *, config: FluxConfig) -> None:
        super().__init__(scope, construct_id)
        self._key = build_key(self, "Key", config=config, description="alerts")
        self._alarms = iam.ServicePrincipal("cloudwatch.amazonaws.com", conditions=self._only_our_alarms(config))
        # Without these two, CloudWatch's messages to an encrypted topic vanish without a trace ("Enable compatibility
        # between event sources from AWS services and encrypted topics", SNS Developer Guide).
        self._key.add_to_resource_policy(
            iam.PolicyStatement(
                principals=[self._alarms],
                actions=["kms:Decrypt", "kms:GenerateDataKey*"],
                resources=["*"],  # in a key policy: this key
            )
        )
        self.topics: Topics = {severity: self._topic(config, severity) for severity in Severity}
        _accept_database_events(self.topics[Severity.TICKET], self._key, topic_arn(config, Severity.TICKET))

    def _topic(self, config: FluxConfig, severity: Severity) -> sns.Topic:
        topic = sns.Topic(
            self,
            severity.capitalize(),
            topic_name=topic_name(config, severity),
            display_name=f"Flux {config.name}: {severity}",
            master_key=self._key,
            enforce_ssl=True,
        )
        topic.add_to_resource_policy(
            iam.PolicyStatement(
                sid="AllowOurAlarms", principals=[self._alarms], actions=["sns:Publish"], resources=[topic.topic_arn]
            )
        )
        topic.add_subscription(EmailSubscription(config.email(severity)))
        return topic

    def _only_our_alarms(self, config: FluxConfig) -> dict[str, dict[str, str]]:
        account, region = Stack.of(self).account, Stack.of(self).region
        return {
            "StringEquals": {"aws:SourceAccount": account},
            "ArnLike": {"aws:SourceArn": f"arn:aws:cloudwatch:{region}:{account}:alarm:{alarm_name(config, '*')}"},
        }


def _accept_database_events(topic: sns.Topic, key: kms.Key, arn: str) -> None:
    """Let RDS publish what happens to this account's databases ("Granting permissions", RDS User Guide).

    The key asks for the topic only: RDS's guide names no condition on the source for it, and a wrong one would make
    messages vanish.

    arn: the topic's as it is known beforehand; a reference to it in the key's policy would be a circle.
    """
    events = iam.ServicePrincipal("events.rds.amazonaws.com")
    account, region = Stack.of(topic).account, Stack.of(topic).region
    topic.add_to_resource_policy(
        iam.PolicyStatement(
            sid="AllowOurDatabases",
            principals=[events],
            actions=["sns:Publish"],
            resources=[topic.topic_arn],
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
            conditions={"StringEquals": {"kms:EncryptionContext:aws:sns:topicArn": arn}},
        )
    )
