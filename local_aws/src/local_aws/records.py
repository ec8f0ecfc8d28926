"""Types that ministack's CloudFormation lacks and that have nothing behind them here: records, refused where AWS would.

Nothing is routed, isolated or filtered on this machine, and its databases have no events: only AWS shows what these
resources do. The VPC and its subnets are ministack's, and answer here what it leaves out.
"""

import secrets
from collections.abc import Callable, Mapping
from typing import override
from uuid import uuid4

from .resources import Completed, Request, Resource, ResourceType, register
from .values import Json, Properties

# RDS User Guide, "Amazon RDS event categories and event messages": those of three kinds of sources.
_EVENT_CATEGORIES: Mapping[str, frozenset[str]] = {
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


def _numbered(prefix: str) -> Callable[[Request], str]:
    """Identifiers as EC2 makes them, like `nat-0a1b2c3d4e5f67890`."""
    return lambda _: f"{prefix}-{secrets.token_hex(9)[:17]}"


def _address(_: Request) -> str:
    """An address from a range reserved for documentation (RFC 5737)."""
    return f"203.0.113.{secrets.randbelow(254) + 1}"


class Record(ResourceType):
    """A type whose resources are nothing but an identifier and attributes."""

    def __init__(  # noqa: PLR0913 - a type is described by so much
        self,
        name: str,
        identify: Callable[[Request], str],
        *,
        tagged: bool = False,
        fixed_name: str | None = None,
        attributes: Callable[[str], Mapping[str, Json]] = lambda identifier: {"Id": identifier},
        check: Callable[[Properties], None] = lambda _: None,
    ) -> None:
        """Define it.

        identify: makes the physical id. attributes: from the physical id. check: raises ValueError for properties that
        AWS would refuse.
        """
        self.name, self.fixed_name = name, fixed_name
        self.tags = "Tags" if tagged else None
        self._identify, self._attributes, self._check = identify, attributes, check

    @override
    def create(self, request: Request) -> Resource:
        return self._put(self._identify(request), request)

    @override
    def update(self, physical_id: str, old: Properties, request: Request) -> Resource:
        return self._put(physical_id, request)

    def _put(self, physical_id: str, request: Request) -> Resource:
        self._check(request.properties)
        return Resource(physical_id=physical_id, attributes=self._attributes(physical_id))


def _check_events(properties: Properties) -> None:
    source_type = properties.text("SourceType")
    known = _EVENT_CATEGORIES.get(source_type)
    if known is None:
        raise ValueError(f"SourceType={source_type!r}: not imitated; add its categories to {__name__}")
    unknown = sorted(set(properties.texts("EventCategories")) - known)
    if unknown:
        raise ValueError(f"EventCategories={unknown}: {source_type} has no such category")
    if not properties.text("SnsTopicArn").startswith("arn:aws:sns:"):
        raise ValueError(f"SnsTopicArn={properties.text('SnsTopicArn')!r}: must be a topic's ARN")


def _check_logging(properties: Properties) -> None:
    """WAF Developer Guide, "Logging destinations"."""
    for destination in properties.texts("LogDestinationConfigs"):
        if "aws-waf-logs-" not in destination:
            raise ValueError(f"LogDestinationConfigs={destination!r}: the name must start with aws-waf-logs-")


def _check_query(properties: Properties) -> None:
    """CloudWatch Logs API reference, PutQueryDefinition: lengths of name and query."""
    for name, longest in (("Name", 255), ("QueryString", 10_000)):
        if not 1 <= len(properties.text(name)) <= longest:
            raise ValueError(f"{name}={properties.text(name)[:40]!r}: must have 1 to {longest} characters")


def _vpc(vpc: str, properties: Properties) -> Mapping[str, Json]:
    associations: list[Json] = [f"vpc-cidr-assoc-{vpc.removeprefix('vpc-')}"]
    return {
        "CidrBlock": properties.text("CidrBlock"),
        "CidrBlockAssociations": associations,
        "Ipv6CidrBlocks": [],
    }


def _subnet(_: str, properties: Properties) -> Mapping[str, Json]:
    return {"CidrBlock": properties.text("CidrBlock"), "Ipv6CidrBlocks": [], "VpcId": properties.text("VpcId")}


def install() -> None:
    """Register the types."""
    register(
        Completed("AWS::EC2::VPC", _vpc),
        Completed("AWS::EC2::Subnet", _subnet),
        Record(
            "AWS::EC2::EIP",
            _address,
            tagged=True,
            attributes=lambda address: {"PublicIp": address, "AllocationId": f"eipalloc-{address.replace('.', '')}"},
        ),
        Record(
            "AWS::EC2::NatGateway",
            _numbered("nat"),
            tagged=True,
            attributes=lambda gateway: {"NatGatewayId": gateway},
        ),
        Record("AWS::EC2::FlowLog", _numbered("fl"), tagged=True),
        Record("AWS::EC2::SecurityGroupIngress", _numbered("sgr")),
        Record("AWS::EC2::SecurityGroupEgress", _numbered("sgr")),
        # The CDK's custom resource that takes a VPC's default group all its rules, by a Node function.
        Record("Custom::VpcRestrictDefaultSG", _numbered("closed")),
        Record(
            "AWS::WAFv2::LoggingConfiguration",
            lambda request: request.properties.text("ResourceArn"),
            attributes=lambda _: {"ManagedByFirewallManager": False},
            check=_check_logging,
        ),
        # A saved query is for whoever looks into the console; StartQuery takes the text itself.
        Record(
            "AWS::Logs::QueryDefinition",
            lambda _: str(uuid4()),
            attributes=lambda identifier: {"QueryDefinitionId": identifier},
            check=_check_query,
        ),
        Record(
            "AWS::RDS::EventSubscription",
            lambda request: request.name("SubscriptionName", longest=255, lowercase=True),
            tagged=True,
            fixed_name="SubscriptionName",
            check=_check_events,
        ),
    )
