"""The VPC: three tiers in every zone, AWS's services inside, and a record of the traffic."""

from collections.abc import Iterable
from ipaddress import IPv4Network

from ..finding import Broken, Rules
from ..model import Environment, Resource
from ..wanted import (
    ABSENT,
    NOT_TRUE,
    TRUE,
    between,
    contains_words,
    one_of,
    or_absent,
)
from .routes import TIERS, VPC, route_tables, subnets

RULES = Rules()
SUBNET = "AWS::EC2::Subnet"
ENDPOINT = "AWS::EC2::VPCEndpoint"
# aws-cdk-lib's function that takes every rule out of the VPC's default group, and its parts.
_CLOSER = "Network/CustomVpcRestrictDefaultSGCustomResourceProviderHandler"
_CLOSERS = "${{Network/CustomVpcRestrictDefaultSGCustomResourceProvider{}}}"
SERVICES = ("secretsmanager", "sqs", "sagemaker.runtime", "kms", "lambda", "codedeploy", "rds", "elasticache")

RULES.demands(
    "AWS::EC2::VPC",
    ("VPC-DNS", "EnableDnsSupport", TRUE, "VPC User Guide, DNS", "endpoints answer by name"),
    ("VPC-DNS-NAMES", "EnableDnsHostnames", TRUE, "VPC User Guide, DNS", "private names of endpoints need it"),
    ("VPC-TENANCY", "InstanceTenancy", one_of("", "default"), "VPC User Guide, Tenancy", "default"),
)
RULES.demands(
    SUBNET,
    ("SUBNET-NO-PUBLIC-IP", "MapPublicIpOnLaunch", NOT_TRUE, "FSBP EC2.15", "give nothing a public address by itself"),
    ("SUBNET-OF", "VpcId", one_of(VPC), "VPC User Guide", "in Flux's VPC"),
)
RULES.demands(
    ENDPOINT,
    ("VPC-ENDPOINT-IPV4", "IpAddressType", one_of("", "ipv4"), "AWS PrivateLink Guide", "speak IPv4, as the VPC does"),
)
RULES.demands(
    "AWS::EC2::FlowLog",
    ("FLOW-ALL", "TrafficType", one_of("ALL"), "FSBP EC2.6; CIS 3.9", "accepted and rejected traffic"),
    ("FLOW-VPC", "ResourceId", one_of(VPC), "FSBP EC2.6", "of the whole VPC"),
    ("FLOW-KIND", "ResourceType", one_of("VPC"), "FSBP EC2.6", "of the whole VPC"),
    (
        "FLOW-FIELDS",
        "LogFormat",
        or_absent(contains_words("${srcaddr}", "${dstaddr}", "${dstport}", "${action}")),
        "VPC User Guide, Flow log records",
        "record who spoke with whom; AWS's own format does",
    ),
    ("FLOW-TO", "LogGroupName", one_of("${Network/FlowLogsLogGroup}"), "FSBP EC2.6", "to its own log group"),
    ("FLOW-DESTINATION", "LogDestinationType", one_of("cloud-watch-logs", ""), "FSBP EC2.6", "to CloudWatch Logs"),
    ("FLOW-ROLE", "DeliverLogsPermissionArn", one_of("${Network/FlowLogsRole.Arn}"), "FSBP EC2.6", "as its own role"),
)
RULES.demands(
    "AWS::EC2::VPCGatewayAttachment",
    ("IGW-OF", "VpcId", one_of(VPC), "VPC User Guide", "attach to Flux's VPC"),
    ("IGW-ATTACHED", "InternetGatewayId", one_of("${Network/VpcIGW}"), "VPC User Guide", "attach the gateway"),
)
RULES.demands(
    _CLOSER,
    ("VPC-DEFAULT-GROUP-ROLE", "Role", one_of(_CLOSERS.format("Role.Arn")), "FSBP IAM", "close it as its own role"),
    (
        "VPC-DEFAULT-GROUP-CODE",
        "Code.S3Bucket",
        one_of("cdk-hnb659fds-assets-<account>-<region>"),
        "FSBP EC2.2",
        "run aws-cdk-lib's code, from this account",
    ),
    ("VPC-DEFAULT-GROUP-VERSION", "Code.S3ObjectVersion", ABSENT, "FSBP EC2.2", "run what this release published"),
    ("VPC-DEFAULT-GROUP-LAYERS", "Layers", ABSENT, "FSBP EC2.2", "run no other code beside it"),
    ("VPC-DEFAULT-GROUP-VARIABLES", "Environment", ABSENT, "FSBP EC2.2", "it is told everything by its resource"),
    ("VPC-DEFAULT-GROUP-HANDLER", "Handler", one_of("__entrypoint__.handler"), "FSBP EC2.2", "aws-cdk-lib's own"),
    ("VPC-DEFAULT-GROUP-SECONDS", "Timeout", between(60, 900), "FSBP EC2.2", "a minute or more: a deployment waits"),
    ("VPC-DEFAULT-GROUP-MEMORY", "MemorySize", or_absent(between(128, 10_240)), "Lambda quotas", "what Lambda gives"),
    (
        "VPC-DEFAULT-GROUP-LOGS",
        "LoggingConfig.LogGroup",
        one_of(_CLOSERS.format("Logs")),
        "FSBP CloudWatch.16",
        "log to the group that is encrypted and kept as long as configured",
    ),
)
RULES.demands(
    "Custom::VpcRestrictDefaultSG",
    (
        "VPC-DEFAULT-GROUP",
        "DefaultSecurityGroupId",
        one_of("${Network/Vpc.DefaultSecurityGroup}"),
        "FSBP EC2.2",
        "close the VPC's default group",
    ),
    (
        "VPC-DEFAULT-GROUP-BY",
        "ServiceToken",
        one_of(_CLOSERS.format("Handler.Arn")),
        "FSBP EC2.2",
        "close it by aws-cdk-lib's function",
    ),
    ("VPC-DEFAULT-GROUP-ACCOUNT", "Account", one_of("<account>"), "FSBP EC2.2", "in this account"),
)


@RULES.rule("VPC-RANGE", source="environments.py, Network.cidr", remedy="the configured range")
def the_vpc_has_the_configured_range(environment: Environment) -> Iterable[Broken]:
    """Another range replaces everything in it."""
    for vpc in environment.of("AWS::EC2::VPC"):
        if environment.config and vpc.text("CidrBlock") != environment.config.network.cidr:
            yield Broken(resource=vpc, what=f"has {vpc.text('CidrBlock')}; must be {environment.config.network.cidr}")


@RULES.rule("VPC-ZONES", source="environments.py, Network.zones; FSBP ELB/RDS, several zones", remedy="all zones")
def every_tier_spans_every_zone(environment: Environment) -> Iterable[Broken]:
    """So that one zone's failure leaves the others."""
    if environment.config is None:
        return
    wanted = {f"{environment.region}{letter}" for letter in environment.config.network.zones}
    for tier in TIERS:
        found = [subnet.text("AvailabilityZone") for subnet in subnets(environment, tier)]
        if sorted(found) != sorted(wanted):
            yield Broken(subject=tier, what=f"{tier} subnets lie in {sorted(found)}; must be {sorted(wanted)}")


def _service(endpoint: Resource, environment: Environment) -> str:
    """Return AWS's name of the service that an endpoint is for; empty if it is somebody else's."""
    before, prefix, service = endpoint.text("ServiceName").partition(f"com.amazonaws.{environment.region}.")
    return "" if before or not prefix else service


@RULES.rule("VPC-ENDPOINTS", source="FSBP EC2.10; AWS PrivateLink Guide", remedy="reach AWS's services inside the VPC")
def services_are_reached_inside_the_vpc(environment: Environment) -> Iterable[Broken]:
    """Privately named, in every private subnet, behind the endpoints' own group; and nobody else's services."""
    private = sorted(subnet.refers() for subnet in subnets(environment, "Private"))
    reached = [_service(endpoint, environment) for endpoint in environment.of(ENDPOINT)]
    for service in SERVICES:
        if service not in reached:
            yield Broken(subject=service, what=f"no endpoint for {service}")
    for service, endpoint in zip(reached, environment.of(ENDPOINT), strict=True):
        if not service:
            yield Broken(resource=endpoint, what=f"leads to {endpoint.text('ServiceName')}, which is not AWS's")
        if service in ("", "s3", "dynamodb"):  # these two are reached by a gateway
            continue
        if endpoint.flag("PrivateDnsEnabled") is not True:
            yield Broken(resource=endpoint, what="is not found by the service's own name")
        if sorted(endpoint.texts("SubnetIds")) != private:
            yield Broken(resource=endpoint, what="is not in all private subnets, or in others")
        if endpoint.texts("SecurityGroupIds") != ["${Network/EndpointsSecurityGroup.GroupId}"]:
            yield Broken(resource=endpoint, what="is not behind the endpoints' own group")
        if endpoint.text("VpcEndpointType") != "Interface" or endpoint.text("VpcId") != VPC:
            yield Broken(resource=endpoint, what="is no interface in Flux's VPC")


@RULES.rule("VPC-S3", source="VPC User Guide, Gateway endpoints; NAT costs", remedy="a route to S3 in every table")
def s3_is_reached_without_nat(environment: Environment) -> Iterable[Broken]:
    """A gateway endpoint in every private and isolated route table."""
    endpoints = [endpoint for endpoint in environment.of(ENDPOINT) if _service(endpoint, environment) == "s3"]
    if len(endpoints) != 1:
        yield Broken(subject="s3", what=f"{len(endpoints)} endpoints for S3; must be one, a gateway")
    for endpoint in endpoints:
        wanted = {table for tier in ("Private", "Isolated") for table in route_tables(environment, tier).values()}
        missing = wanted - set(endpoint.texts("RouteTableIds"))
        if missing:
            yield Broken(resource=endpoint, what=f"has no route in {', '.join(sorted(missing))}")
        if endpoint.text("VpcEndpointType") != "Gateway" or endpoint.text("VpcId") != VPC:
            yield Broken(resource=endpoint, what="is no gateway endpoint of Flux's VPC")


@RULES.rule("VPC-ISOLATED-STATE", source="FSBP RDS.2, ElastiCache.7", remedy="isolated subnets of every zone")
def state_lives_in_the_isolated_subnets(environment: Environment) -> Iterable[Broken]:
    """Databases, caches and the model have no way to the internet."""
    isolated = sorted(subnet.refers() for subnet in subnets(environment, "Isolated"))
    places = (
        ("AWS::RDS::DBSubnetGroup", "SubnetIds"),
        ("AWS::ElastiCache::SubnetGroup", "SubnetIds"),
        ("AWS::SageMaker::Model", "VpcConfig.Subnets"),
    )
    for resource_type, path in places:
        for resource in environment.of(resource_type):
            if sorted(resource.texts(path)) != isolated:
                yield Broken(resource=resource, what="is not in all isolated subnets, or in others")


@RULES.rule("VPC-RANGES-APART", source="VPC User Guide, Subnet CIDR", remedy="keep the subnets' ranges")
def subnets_have_room(environment: Environment) -> Iterable[Broken]:
    """Every range once; functions and endpoints share the private tier, which needs the most addresses."""
    whole = next((_range(vpc) for vpc in environment.of("AWS::EC2::VPC")), None)
    private, taken = subnets(environment, "Private"), list[IPv4Network]()
    for subnet in environment.of(SUBNET):
        own = _range(subnet)
        if own is None or own.prefixlen > (23 if subnet in private else 24):
            yield Broken(resource=subnet, what=f"has too few addresses: {subnet.text('CidrBlock')}")
            continue
        if whole is None or not own.subnet_of(whole):
            yield Broken(resource=subnet, what=f"lies outside of the VPC with {own}")
        if any(own.overlaps(other) for other in taken):
            yield Broken(resource=subnet, what=f"shares addresses of {own} with another subnet")
        taken.append(own)


def _range(resource: Resource) -> IPv4Network | None:
    try:
        return IPv4Network(resource.text("CidrBlock"))
    except ValueError:  # no range at all, which the rules that want one say
        return None
