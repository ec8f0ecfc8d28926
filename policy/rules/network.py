"""The network: nobody comes in from outside, state has no way out, and traffic is recorded."""

from collections.abc import Iterable
from ipaddress import ip_network

from ..finding import Rules
from ..model import Environment, Resource
from ..values import as_text

RULES = Rules()


@RULES.of("SG-OPEN-INGRESS", *("AWS::EC2::SecurityGroup", "AWS::EC2::SecurityGroupIngress"))
def nobody_comes_in_from_outside(resource: Resource, environment: Environment) -> Iterable[str]:
    """Only addresses of private networks (RFC 1918, RFC 4193) may be let in by range."""
    inline = resource.type == "AWS::EC2::SecurityGroup"
    for rule in resource.items("SecurityGroupIngress") if inline else [resource.properties]:
        for name in ("CidrIp", "CidrIpv6"):
            text = as_text(rule.get(name))
            if text and not _private(text):
                yield f"lets in {text} on ports {rule.get('FromPort', 'any')} to {rule.get('ToPort', 'any')}"
        if as_text(rule.get("IpProtocol")) == "-1":
            yield "lets in every protocol and port"


def _private(text: str) -> bool:
    try:
        return ip_network(text, strict=False).is_private
    except ValueError:  # a reference to the VPC's own range
        return ".CidrBlock}" in text


@RULES.of("SUBNET-ISOLATED", *("AWS::RDS::DBSubnetGroup", "AWS::ElastiCache::SubnetGroup", "AWS::SageMaker::Model"))
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
