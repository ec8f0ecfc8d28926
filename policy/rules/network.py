"""The network: nobody comes in from outside, state has no way out, and traffic is recorded."""

from collections.abc import Iterable, Mapping
from ipaddress import ip_network

from ..finding import Rules
from ..model import Environment, Resource
from ..values import Json, as_text

RULES = Rules()


@RULES.of(
    "SG-OPEN-INGRESS",
    *("AWS::EC2::SecurityGroup", "AWS::EC2::SecurityGroupIngress"),
    source="FSBP EC2.13, EC2.14, EC2.18, EC2.19; CIS 6.3, 6.4",
    remedy="let in a security group, or an address range of the private network",
)
def nobody_comes_in_from_outside(resource: Resource, environment: Environment) -> Iterable[str]:
    """Only addresses of private networks (RFC 1918, RFC 4193) may be let in by range."""
    inline = resource.type == "AWS::EC2::SecurityGroup"
    for rule in resource.items("SecurityGroupIngress") if inline else [resource.properties]:
        for name in ("CidrIp", "CidrIpv6"):
            text = as_text(rule.get(name))
            if text and not _private(text):
                yield f"lets in {text} on {_ports(rule)}"
        if as_text(rule.get("IpProtocol")) == "-1":
            yield "lets in every protocol and port"


def _private(text: str) -> bool:
    try:
        return ip_network(text, strict=False).is_private
    except ValueError:  # a reference to the VPC's own range
        return ".CidrBlock}" in text


def _ports(rule: Mapping[str, Json]) -> str:
    first, last = as_text(rule.get("FromPort")), as_text(rule.get("ToPort"))
    return f"ports {first}-{last}" if first != last else f"port {first or 'any'}"


@RULES.of(
    "SUBNET-ISOLATED",
    *("AWS::RDS::DBSubnetGroup", "AWS::ElastiCache::SubnetGroup", "AWS::SageMaker::Model"),
    source="FSBP RDS.2, RDS.46, ElastiCache.7, SageMaker.2",
    remedy="use subnets whose route table leads nowhere outside the VPC",
)
def state_has_no_way_out(resource: Resource, environment: Environment) -> Iterable[str]:
    """Databases, caches and models stand in subnets without a route to the internet or to another network."""
    subnets = [*resource.texts("SubnetIds"), *resource.texts("VpcConfig.Subnets")]
    if not subnets:
        yield "names no subnets"
    tables = {
        association.text("SubnetId"): association.text("RouteTableId")
        for association in environment.of("AWS::EC2::SubnetRouteTableAssociation")
    }
    routes = {route.text("RouteTableId") for route in environment.of("AWS::EC2::Route")}
    for subnet in subnets:
        if tables.get(subnet) in routes:
            yield f"stands in {subnet}, which has a route out of the VPC"
        elif subnet not in tables:
            yield f"stands in {subnet}, which has no route table of its own"


@RULES.of(
    "SG-DEFAULT-CLOSED", "AWS::EC2::VPC", source="FSBP EC2.2; CIS 6.5", remedy="set restrict_default_security_group"
)
def the_default_group_lets_nothing_through(vpc: Resource, environment: Environment) -> Iterable[str]:
    """By aws-cdk-lib's custom resource, which takes its rules out."""
    closed = {closer.text("DefaultSecurityGroupId") for closer in environment.of("Custom::VpcRestrictDefaultSG")}
    if vpc.refers("DefaultSecurityGroup") not in closed:
        yield "has a default security group that lets everything through"


@RULES.of("FLOW-LOGS", "AWS::EC2::VPC", source="FSBP EC2.6; CIS 4.7", remedy="add a flow log of the whole VPC")
def traffic_is_recorded(vpc: Resource, environment: Environment) -> Iterable[str]:
    """Of every network interface in the VPC, and of what was accepted as well as of what was rejected."""
    logs = [log for log in environment.of("AWS::EC2::FlowLog") if log.text("ResourceId") == vpc.refers()]
    if not any(log.text("TrafficType") == "ALL" for log in logs):
        yield f"records {logs[0].text('TrafficType') if logs else 'none'} of its traffic; it must be ALL"


@RULES.of(
    "NETWORK-JOINED",
    *("AWS::EC2::VPCPeeringConnection", "AWS::EC2::TransitGatewayAttachment", "AWS::EC2::TransitGatewayVpcAttachment"),
    *("AWS::EC2::VPNGateway", "AWS::EC2::ClientVpnEndpoint", "AWS::EC2::EgressOnlyInternetGateway"),
    *("AWS::EC2::Instance", "AWS::EC2::TrafficMirrorSession", "AWS::RAM::ResourceShare"),
    source="CIS 6.6; FSBP EC2.23, EC2.51",
    remedy="keep networks apart; share by an API or by PrivateLink",
)
def networks_stay_apart(resource: Resource, environment: Environment) -> Iterable[str]:
    """What joins a network to another lets in whatever the other lets in."""
    yield f"is a {resource.type}, which joins this network to another or opens a machine in it"
