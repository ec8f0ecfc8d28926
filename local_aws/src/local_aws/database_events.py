"""RDS's event subscriptions. The databases of this machine have no events: only AWS shows what would be told."""

from collections.abc import Mapping
from typing import override

from .expectations import Expectation
from .resources import Request, Resource, ResourceType, register
from .values import Properties

EXPECTATIONS: tuple[Expectation, ...] = ()

# RDS User Guide, "Amazon RDS event categories and event messages": those of three kinds of sources.
_CATEGORIES: Mapping[str, frozenset[str]] = {
    "db-instance": frozenset(
        (
            *("availability", "backup", "configuration change", "creation", "deletion", "failover", "failure"),
            *("low storage", "maintenance", "notification", "read replica", "recovery", "restoration"),
            *("security", "security patching"),
        )
    ),
    "db-parameter-group": frozenset({"configuration change"}),
    "db-security-group": frozenset({"configuration change", "failure"}),
}


class EventSubscription(ResourceType):
    """`AWS::RDS::EventSubscription`: the record, refused where RDS would refuse it."""

    name = "AWS::RDS::EventSubscription"
    fixed_name = "SubscriptionName"
    replacing = ("SnsTopicArn", "SubscriptionName")
    tags = "Tags"

    @override
    def create(self, request: Request) -> Resource:
        source_type = request.properties.text("SourceType")
        known = _CATEGORIES.get(source_type)
        if known is None:
            raise ValueError(f"SourceType={source_type!r}: not imitated; add its categories to {__name__}")
        unknown = sorted(set(request.properties.texts("EventCategories")) - known)
        if unknown:
            raise ValueError(f"EventCategories={unknown}: {source_type} has no such category")
        if not request.properties.text("SnsTopicArn").startswith("arn:aws:sns:"):
            raise ValueError(f"SnsTopicArn={request.properties.text('SnsTopicArn')!r}: must be a topic's ARN")
        return Resource(physical_id=request.name("SubscriptionName", longest=255, lowercase=True))

    @override
    def update(self, physical_id: str, old: Properties, request: Request) -> Resource:
        self.create(request)
        return Resource(physical_id=physical_id)

    @override
    def delete(self, physical_id: str, properties: Properties) -> None:
        """Nothing to delete: the record is the stack's own."""


def install() -> None:
    """Register the type."""
    register(EventSubscription())
