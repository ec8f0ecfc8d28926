"""What RDS itself says about the database."""

from aws_cdk import aws_rds as rds
from aws_cdk import aws_sns as sns
from constructs import Construct

from ..config import FluxConfig
from ..constructs.names import database_identifier

# What CloudWatch's metrics do not show, of the categories in "Amazon RDS event categories and event messages" (RDS
# User Guide). FSBP RDS.20 asks for the first three.
_INSTANCE = ("configuration change", "failure", "maintenance", "failover", "low storage", "recovery")


class DatabaseEvents(Construct):
    """Events of the database, its parameters and RDS's own security groups, sent to the tickets (FSBP RDS.20 to 22)."""

    def __init__(self, scope: Construct, construct_id: str, *, config: FluxConfig, topic: sns.Topic) -> None:
        super().__init__(scope, construct_id)
        self._topic = topic
        self._subscribe("Instance", "db-instance", _INSTANCE, of=[database_identifier(config)])
        self._subscribe("Parameters", "db-parameter-group", ("configuration change",))
        # Groups from before there were VPCs. Flux has none, and should hear if somebody makes one.
        self._subscribe("SecurityGroups", "db-security-group", ("configuration change", "failure"))

    def _subscribe(
        self, construct_id: str, source_type: str, categories: tuple[str, ...], *, of: list[str] | None = None
    ) -> None:
        """Subscribe to events of the named sources, or of all that the account has."""
        subscription = rds.CfnEventSubscription(
            self,
            construct_id,
            sns_topic_arn=self._topic.topic_arn,
            source_type=source_type,
            source_ids=of,
            event_categories=list(categories),
            enabled=True,
        )
        # RDS tries the topic before it accepts a subscription, so the topic's policy must be there.
        subscription.node.add_dependency(self._topic)
