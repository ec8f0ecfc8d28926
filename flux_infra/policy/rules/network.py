"""The VPC: three tiers in every zone, one way out, AWS's services inside, and a record of the traffic."""

from collections.abc import Iterable, Iterator

from ..finding import Broken, Rules
from ..model import Environment, Resource
from ..wanted import NOT_TRUE, TRUE, one_of

RULES = Rules()
SUBNET = "AWS::EC2::Subnet"
ROUTE = "AWS::EC2::Route"
ENDPOINT = "AWS::EC2::VPCEndpoint"
NAT = "AWS::EC2::NatGateway"
_VPC = "${Network/Vpc}"
TIERS = ("Public", "Private", "Isolated")
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
    ("SUBNET-OF", "VpcId", one_of(_VPC), "VPC User Guide", "in Flux's VPC"),
)
RULES.demands(
    "AWS::EC2::FlowLog",
    ("FLOW-ALL", "TrafficType", one_of("ALL"), "FSBP EC2.6; CIS 3.9", "accepted and rejected traffic"),
    ("FLOW-VPC", "ResourceId", one_of(_VPC), "FSBP EC2.6", "of the whole VPC"),
    ("FLOW-KIND", "ResourceType", one_of("VPC"), "FSBP EC2.6", "of the whole VPC"),
    ("FLOW-TO", "LogGroupName", one_of("${Network/FlowLogsLogGroup}"), "FSBP EC2.6", "to its own log group"),
    ("FLOW-DESTINATION", "LogDestinationType", one_of("cloud-watch-logs", ""), "FSBP EC2.6", "to CloudWatch Logs"),
    ("FLOW-ROLE", "DeliverLogsPermissionArn", one_of("${Network/FlowLogsRole.Arn}"), "FSBP EC2.6", "as its own role"),
)
RULES.demands(
    "AWS::EC2::VPCGatewayAttachment",
    ("IGW-OF", "VpcId", one_of(_VPC), "VPC User Guide", "attach to Flux's VPC"),
    ("IGW-ATTACHED", "InternetGatewayId", one_of("${Network/VpcIGW}"), "VPC User Guide", "attach the gateway"),
)
RULES.demands(
    "Network/CustomVpcRestrictDefaultSGCustomResourceProviderHandler",
    (
        "VPC-DEFAULT-GROUP-ROLE",
        "Role",
        one_of("${Network/CustomVpcRestrictDefaultSGCustomResourceProviderRole.Arn}"),
        "FSBP IAM; least privilege",
        "close it as its own role",
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
        one_of("${Network/CustomVpcRestrictDefaultSGCustomResourceProviderHandler.Arn}"),
        "FSBP EC2.2",
        "close it by aws-cdk-lib's function",
    ),
    ("VPC-DEFAULT-GROUP-ACCOUNT", "Account", one_of("<account>"), "FSBP EC2.2", "in this account"),
)


def subnets(environment: Environment, tier: str) -> list[Resource]:
    """Return one tier's subnets."""
    return [subnet for subnet in environment.of(SUBNET) if f"Vpc{tier}Subnet" in subnet.logical_id]


def _tables(environment: Environment, tier: str) -> dict[str, str]:
    """Return route table by subnet, as attached."""
    attached = {
        a.text("SubnetId"): a.text("RouteTableId") for a in environment.of("AWS::EC2::SubnetRouteTableAssociation")
    }
    return {subnet.refers(): attached.get(subnet.refers(), "") for subnet in subnets(environment, tier)}


def _default_routes(environment: Environment, table: str) -> list[Resource]:
    return [
        route
        for route in environment.of(ROUTE)
        if route.text("RouteTableId") == table and route.text("DestinationCidrBlock") == "0.0.0.0/0"
    ]


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


@RULES.rule("VPC-ROUTES-OUT", source="VPC User Guide, Route tables", remedy="public by the gateway, private by NAT")
def each_tier_has_its_way_out(environment: Environment) -> Iterable[Broken]:
    """Public through the internet gateway, private through a NAT gateway, isolated not at all."""
    for tier in TIERS:
        for subnet, table in _tables(environment, tier).items():
            resource = environment.find(subnet)
            if not table:
                yield Broken(resource=resource, what="has no route table of its own")
                continue
            routes = _default_routes(environment, table)
            gateways = [route for route in routes if route.text("GatewayId") == "${Network/VpcIGW}"]
            nats = [route for route in routes if _is(environment, route.text("NatGatewayId"), NAT)]
            if tier == "Public" and not gateways:
                yield Broken(resource=resource, what="is public without a way to the internet")
            if tier == "Private" and (not nats or any(not _only_nat(route) for route in routes)):
                yield Broken(resource=resource, what="does not go out through a NAT gateway alone")
            if tier == "Isolated" and any(r.text("RouteTableId") == table for r in environment.of(ROUTE)):
                yield Broken(resource=resource, what="is isolated and has a way out")


@RULES.rule("VPC-OWN-TABLES", source="VPC User Guide, Route tables", remedy="a route table for each subnet")
def no_two_subnets_share_a_route_table(environment: Environment) -> Iterable[Broken]:
    """A shared table gives a tier another's way out."""
    seen: dict[str, str] = {}
    for tier in TIERS:
        for subnet, table in _tables(environment, tier).items():
            if table in seen:
                yield Broken(resource=environment.find(subnet), what=f"shares its route table with {seen[table]}")
            elif table:
                seen[table] = subnet
    used = set(seen)
    for unused in environment.of("AWS::EC2::RouteTable"):
        if unused.refers() not in used:
            yield Broken(resource=unused, what="belongs to no subnet")


@RULES.rule("VPC-NAT", source="VPC User Guide, NAT gateways", remedy="NAT gateways in public subnets, one per zone")
def every_zone_goes_out_by_itself(environment: Environment) -> Iterable[Broken]:
    """As many as configured, in different public subnets, with addresses of their own, all in use."""
    if environment.config is None:
        return
    gateways, wanted = environment.of(NAT), environment.config.network.nat_gateways
    places = {gateway.text("SubnetId") for gateway in gateways}
    public = {subnet.refers() for subnet in subnets(environment, "Public")}
    used = {route.text("NatGatewayId") for route in environment.of(ROUTE) if route.text("NatGatewayId")}
    if len(gateways) < wanted or len(places) < wanted or not places <= public or len(used) < wanted:
        yield Broken(
            subject="NAT", what=f"{wanted} NAT gateways in public subnets are configured, {len(used)} are used"
        )
    for gateway in gateways:
        if not _is(environment, gateway.text("AllocationId").replace(".AllocationId}", "}"), "AWS::EC2::EIP"):
            yield Broken(resource=gateway, what="has no address of its own")
        if gateway.text("ConnectivityType") not in ("", "public"):
            yield Broken(resource=gateway, what="does not reach the internet")
    addresses = [gateway.text("AllocationId") for gateway in gateways]
    if len(set(addresses)) != len(addresses):
        yield Broken(subject="NAT", what="two NAT gateways share an address")


def _only_nat(route: Resource) -> bool:
    return bool(route.text("NatGatewayId")) and not route.text("GatewayId") and not route.text("TransitGatewayId")


def _is(environment: Environment, reference: str, resource_type: str) -> bool:
    found = environment.find(reference) if reference else None
    return found is not None and found.type == resource_type


def _endpoints(environment: Environment, service: str) -> Iterator[Resource]:
    for endpoint in environment.of(ENDPOINT):
        if endpoint.text("ServiceName") == f"com.amazonaws.{environment.region}.{service}":
            yield endpoint


@RULES.rule("VPC-ENDPOINTS", source="FSBP EC2.10; AWS PrivateLink Guide", remedy="reach AWS's services inside the VPC")
def services_are_reached_inside_the_vpc(environment: Environment) -> Iterable[Broken]:
    """Privately named, in every private subnet, behind the endpoints' own group."""
    private = sorted(subnet.refers() for subnet in subnets(environment, "Private"))
    for service in SERVICES:
        endpoint = next(_endpoints(environment, service), None)
        if endpoint is None:
            yield Broken(subject=service, what=f"no endpoint for {service}")
            continue
        if endpoint.flag("PrivateDnsEnabled") is not True:
            yield Broken(resource=endpoint, what="is not found by the service's own name")
        if sorted(endpoint.texts("SubnetIds")) != private:
            yield Broken(resource=endpoint, what="is not in all private subnets, or in others")
        if endpoint.texts("SecurityGroupIds") != ["${Network/EndpointsSecurityGroup.GroupId}"]:
            yield Broken(resource=endpoint, what="is not behind the endpoints' own group")
        if endpoint.text("VpcEndpointType") != "Interface" or endpoint.text("VpcId") != _VPC:
            yield Broken(resource=endpoint, what="is no interface in Flux's VPC")


@RULES.rule("VPC-S3", source="VPC User Guide, Gateway endpoints; NAT costs", remedy="a route to S3 in every table")
def s3_is_reached_without_nat(environment: Environment) -> Iterable[Broken]:
    """A gateway endpoint in every private and isolated route table."""
    endpoint = next(_endpoints(environment, "s3"), None)
    if endpoint is None:
        yield Broken(subject="s3", what="no gateway endpoint for S3")
        return
    wanted = {table for tier in ("Private", "Isolated") for table in _tables(environment, tier).values()}
    missing = wanted - set(endpoint.texts("RouteTableIds"))
    if missing:
        yield Broken(resource=endpoint, what=f"has no route in {', '.join(sorted(missing))}")
    if endpoint.text("VpcEndpointType") != "Gateway" or endpoint.text("VpcId") != _VPC:
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
    ranges = [subnet.text("CidrBlock") for subnet in environment.of(SUBNET)]
    if len(set(ranges)) != len(ranges):
        yield Broken(subject="subnets", what="two subnets have the same range")
    for subnet in environment.of(SUBNET):
        bits = subnet.text("CidrBlock").rsplit("/", 1)[-1]
        if not bits.isdigit() or int(bits) > (23 if subnet in subnets(environment, "Private") else 24):
            yield Broken(resource=subnet, what=f"has too few addresses: {subnet.text('CidrBlock')}")
