"""What RDS says about the database reaches the alerts."""

from collections.abc import Iterable, Mapping

from ..finding import Broken, Rules
from ..model import Environment

RULES = Rules()
SUBSCRIPTION = "AWS::RDS::EventSubscription"

# Source type -> the categories that FSBP asks for, and of the database those that CloudWatch's metrics do not show.
_NEEDED: Mapping[str, frozenset[str]] = {
    "db-instance": frozenset(
        {"configuration change", "failover", "failure", "low storage", "maintenance", "recovery"},
    ),
    "db-parameter-group": frozenset({"configuration change"}),
    "db-security-group": frozenset({"configuration change", "failure"}),
}


@RULES.rule("RDS-EVENTS", source="FSBP RDS.20, RDS.21, RDS.22", remedy="subscribe to the categories, for our database")
def events_of_the_database_are_subscribed_to(environment: Environment) -> Iterable[Broken]:
    """No categories are all of them; no sources are all that the account has."""
    ours = f"flux-{environment.name}-database"
    for source_type, needed in _NEEDED.items():
        covered: set[str] = set()
        for subscription in environment.of(SUBSCRIPTION):
            sources = set(subscription.texts("SourceIds"))
            reaches = not sources or (source_type == "db-instance" and sources & {ours, "${Data/DatabaseInstance}"})
            if subscription.text("SourceType") == source_type and reaches and _on(subscription.flag("Enabled")):
                covered |= set(subscription.texts("EventCategories")) or needed
        if needed - covered:
            missing = ", ".join(sorted(needed - covered))
            yield Broken(subject=source_type, what=f"nobody hears of its {missing}")


def _on(enabled: bool | None) -> bool:  # noqa: FBT001 - a property of a template
    """A subscription is on unless it says otherwise."""
    return enabled is not False


@RULES.rule("RDS-EVENTS-HEARD", source="FSBP RDS.20", remedy="send them to the alerts' topic")
def events_of_the_database_reach_the_alerts(environment: Environment) -> Iterable[Broken]:
    """The topic that people read."""
    topic = environment.named("Monitoring/AlertsTopic")
    for subscription in environment.of(SUBSCRIPTION):
        if topic is None or subscription.text("SnsTopicArn") != topic.refers():
            yield Broken(resource=subscription, what="tells another topic than the alerts'")


@RULES.rule(
    "RDS-EVENTS-ADMITTED",
    source="RDS User Guide, Granting permissions to publish notifications",
    remedy="let the subscription depend on the topic's policy",
)
def subscriptions_wait_until_rds_may_publish(environment: Environment) -> Iterable[Broken]:
    """RDS tries the topic before it accepts a subscription; one made earlier fails the deployment."""
    policies = {policy.logical_id for policy in environment.of("AWS::SNS::TopicPolicy")}
    for subscription in environment.of(SUBSCRIPTION):
        if not policies & set(subscription.depends_on):
            yield Broken(resource=subscription, what="may be made before RDS may publish to the topic")
