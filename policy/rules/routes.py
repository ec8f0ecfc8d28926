"""The VPC's ways out: public by the internet gateway, private by NAT, isolated not at all; and no other way."""

from collections.abc import Iterable

from ..finding import Broken, Rules
from ..model import Environment, Resource
from ..wanted import one_of

RULES = Rules()
VPC = "${Network/Vpc}"
TIERS = ("Public", "Private", "Isolated")
_SUBNET, _TABLE, _ROUTE = "AWS::EC2::Subnet", "AWS::EC2::RouteTable", "AWS::EC2::Route"
_NAT, _ADDRESS = "AWS::EC2::NatGateway", "AWS::EC2::EIP"

RULES.demands(_TABLE, ("VPC-TABLE-OF", "VpcId", one_of(VPC), "VPC User Guide, Route tables", "in Flux's VPC"))
RULES.demands(
    _ADDRESS, ("VPC-ADDRESS", "Domain", one_of("", "vpc"), "VPC User Guide, Elastic IP addresses", "for a VPC")
)


def subnets(environment: Environment, tier: str) -> list[Resource]:
    """Return one tier's subnets."""
    return [subnet for subnet in environment.of(_SUBNET) if f"Vpc{tier}Subnet" in subnet.logical_id]


def route_tables(environment: Environment, tier: str) -> dict[str, str]:
    """Return route table by subnet, as attached."""
    attached = {
        _of(environment, a, "SubnetId"): _of(environment, a, "RouteTableId")
        for a in environment.of("AWS::EC2::SubnetRouteTableAssociation")
    }
    return {subnet.refers(): attached.get(subnet.refers(), "") for subnet in subnets(environment, tier)}


def _of(environment: Environment, resource: Resource, path: str) -> str:
    """Return the reference to what a property means, whether it was written as Ref or as GetAtt of the id."""
    found = environment.find(resource.text(path))
    return found.refers() if found else resource.text(path)


def _is(environment: Environment, reference: str, resource_type: str) -> bool:
    found = environment.find(reference) if reference else None
    return found is not None and found.type == resource_type


@RULES.rule("VPC-ROUTES-OUT", source="VPC User Guide, Route tables", remedy="public by the gateway, private by NAT")
def each_tier_has_its_way_out(environment: Environment) -> Iterable[Broken]:
    """Public through the internet gateway, private through a NAT gateway, isolated not at all."""
    routes = environment.of(_ROUTE)
    judged: set[str] = set()
    for tier in TIERS:
        for subnet, table in route_tables(environment, tier).items():
            resource = environment.find(subnet)
            if not table:
                yield Broken(resource=resource, what="has no route table of its own")
            mine = [route for route in routes if _of(environment, route, "RouteTableId") == table]
            judged |= {route.logical_id for route in mine}
            if tier == "Isolated":
                yield from (
                    Broken(resource=route, what=f"is a way out of {subnet}, which is isolated") for route in mine
                )
                continue
            if not mine:
                yield Broken(resource=resource, what=f"is {tier.lower()} without a way to the internet")
            leads = _to_the_internet if tier == "Public" else _to_nat
            for route in mine:
                if route.text("DestinationCidrBlock") != "0.0.0.0/0" or not leads(environment, route):
                    yield Broken(resource=route, what=f"is not the way out of {subnet}, which is {tier.lower()}")
    for route in routes:
        if route.logical_id not in judged:
            yield Broken(resource=route, what="belongs to no route table of a tier")


def _to_the_internet(_: Environment, route: Resource) -> bool:
    return route.text("GatewayId") == "${Network/VpcIGW}" and not route.text("NatGatewayId")


def _to_nat(environment: Environment, route: Resource) -> bool:
    return _is(environment, route.text("NatGatewayId"), _NAT) and not route.text("GatewayId")


@RULES.rule("VPC-ROUTES-IN-ORDER", source="VPC User Guide, Internet gateways", remedy="depend on the attachment")
def routes_wait_for_the_gateway(environment: Environment) -> Iterable[Broken]:
    """A route through a gateway that is not attached yet fails the deployment."""
    attached = {attachment.logical_id for attachment in environment.of("AWS::EC2::VPCGatewayAttachment")}
    for route in environment.of(_ROUTE):
        if route.text("GatewayId") and not attached & set(route.depends_on):
            yield Broken(resource=route, what="may be made before its gateway is attached")


@RULES.rule("VPC-TIERS", source="VPC User Guide, Subnets", remedy="make subnets by the VPC's construct")
def every_subnet_belongs_to_a_tier(environment: Environment) -> Iterable[Broken]:
    """What stands in another one goes out by a way that nobody judged."""
    known = {subnet.logical_id for tier in TIERS for subnet in subnets(environment, tier)}
    for subnet in environment.of(_SUBNET):
        if subnet.logical_id not in known:
            yield Broken(resource=subnet, what="is neither public nor private nor isolated")


@RULES.rule("VPC-OWN-TABLES", source="VPC User Guide, Route tables", remedy="a route table for each subnet")
def no_two_subnets_share_a_route_table(environment: Environment) -> Iterable[Broken]:
    """A shared table gives a tier another's way out."""
    seen: dict[str, str] = {}
    for tier in TIERS:
        for subnet, table in route_tables(environment, tier).items():
            if table in seen:
                yield Broken(resource=environment.find(subnet), what=f"shares its route table with {seen[table]}")
            elif table:
                seen[table] = subnet
    used = set(seen)
    for unused in environment.of(_TABLE):
        if unused.refers() not in used:
            yield Broken(resource=unused, what="belongs to no subnet")


@RULES.rule("VPC-NAT", source="VPC User Guide, NAT gateways", remedy="NAT gateways in public subnets, one per zone")
def every_zone_goes_out_by_itself(environment: Environment) -> Iterable[Broken]:
    """As many as configured, in different public subnets, with addresses of their own, all in use."""
    if environment.config is None:
        return
    gateways, wanted = environment.of(_NAT), environment.config.network.nat_gateways
    places = {gateway.text("SubnetId") for gateway in gateways}
    public = {subnet.refers() for subnet in subnets(environment, "Public")}
    used = {route.text("NatGatewayId") for route in environment.of(_ROUTE) if route.text("NatGatewayId")}
    if len(gateways) < wanted or len(places) < wanted or not places <= public or len(used) < wanted:
        yield Broken(
            subject="NAT", what=f"{wanted} NAT gateways in public subnets are configured, {len(used)} are used"
        )
    for gateway in gateways:
        address = gateway.text("AllocationId")
        if not address.endswith(".AllocationId}") or not _is(environment, address, _ADDRESS):
            yield Broken(resource=gateway, what="has no address of its own")
        if gateway.text("ConnectivityType") not in ("", "public"):
            yield Broken(resource=gateway, what="does not reach the internet")
    addresses = [gateway.text("AllocationId") for gateway in gateways]
    if len(set(addresses)) != len(addresses):
        yield Broken(subject="NAT", what="two NAT gateways share an address")
