"""The VPC: ways out of it, ways to AWS's services, and the record of its traffic."""

from collections.abc import Iterator

from policy.model import Resource

from ..meter import GB, HOURS, Meters, Site, Use

METERS = Meters()


@METERS.of("AWS::EC2::NatGateway")
def nat_gateway(resource: Resource, site: Site) -> Iterator[Use]:
    """Hours; and an equal share of what is said to Square, of which the way out costs once more as internet traffic."""
    yield Use(item="NAT gateways", price="nat-gateway-hour", quantity=HOURS)
    share, traffic = 1 / len(site.environment.of(resource.type)), site.traffic
    both_ways = traffic.sales * (traffic.square_bytes_in + traffic.square_bytes_out) / GB
    yield Use(item="NAT bytes", price="nat-gateway-gb", quantity=both_ways * share, traffic=True)
    outward = traffic.sales * traffic.square_bytes_out / GB
    yield Use(item="bytes to Square", price="internet-gb", quantity=outward * share, traffic=True)


@METERS.of("AWS::EC2::EIP")
def address(resource: Resource, site: Site) -> Iterator[Use]:
    """A public IPv4 address costs wherever it is."""
    yield Use(item="public addresses", price="public-address-hour", quantity=HOURS)


@METERS.of("AWS::EC2::VPCEndpoint")
def endpoint(resource: Resource, site: Site) -> Iterator[Use]:
    """Interface endpoints cost by zone; gateway endpoints nothing. Bytes that count are those of the queues."""
    if resource.text("VpcEndpointType") != "Interface":
        return
    yield Use(
        item="interface endpoints",
        price="interface-endpoint-hour",
        quantity=HOURS * len(resource.texts("SubnetIds")),
    )
    if resource.text("ServiceName").endswith(".sqs"):
        quantity = site.traffic.sales * site.traffic.queue_bytes / GB
        yield Use(item="endpoint bytes", price="interface-endpoint-gb", quantity=quantity, traffic=True)


@METERS.of("AWS::EC2::FlowLog")
def flow_log(resource: Resource, site: Site) -> Iterator[Use]:
    """What CloudWatch Logs takes in."""
    yield Use(item="flow logs", price="log-gb", quantity=site.traffic.flow_log_bytes / GB, traffic=True)
