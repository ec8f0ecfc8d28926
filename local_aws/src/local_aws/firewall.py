"""WAF's records that ministack lacks. Nothing is filtered here: what a web ACL would do, only AWS shows."""

from typing import override

from .expectations import Expectation
from .resources import Request, Resource, ResourceType, register
from .values import Properties

EXPECTATIONS: tuple[Expectation, ...] = ()


class LoggingConfiguration(ResourceType):
    """`AWS::WAFv2::LoggingConfiguration`: where a web ACL's log would go."""

    name = "AWS::WAFv2::LoggingConfiguration"
    replacing = ("ResourceArn",)

    @override
    def create(self, request: Request) -> Resource:
        destinations = request.properties.texts("LogDestinationConfigs")
        # "the log group name must start with aws-waf-logs-" (WAF Developer Guide, "Logging destinations").
        for destination in destinations:
            if "aws-waf-logs-" not in destination:
                raise ValueError(f"LogDestinationConfigs={destination!r}: the name must start with aws-waf-logs-")
        return Resource(
            physical_id=request.properties.text("ResourceArn"), attributes={"ManagedByFirewallManager": False}
        )

    @override
    def update(self, physical_id: str, old: Properties, request: Request) -> Resource:
        return self.create(request)

    @override
    def delete(self, physical_id: str, properties: Properties) -> None:
        """Nothing to delete: the record is the stack's own."""


def install() -> None:
    """Register the type."""
    register(LoggingConfiguration())
