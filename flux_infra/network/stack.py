"""Network layer: where everything runs, and the doors out of it."""

from aws_cdk import Stack
from aws_cdk import aws_ec2 as ec2
from constructs import Construct

from ..config import FluxConfig
from ..constructs.library_functions import keep_logs_of
from .endpoints import ServiceEndpoints
from .flow_logs import FlowLogs
from .vpc import build_vpc


class NetworkStack(Stack):
    """The VPC, the endpoints of the AWS services used in it, and a record of its traffic.

    Attributes:
        vpc: subnets `Public`, `Private` (outward through NAT) and `Isolated` (no way out).
        nat_gateways: the ids of those that the private subnets go out through.
        endpoints: AWS services as the functions reach them, without the internet where nobody opted out.
    """

    def __init__(self, scope: Construct, *, config: FluxConfig) -> None:
        super().__init__(
            scope,
            "Network",
            description=f"Flux {config.name}: network",
            termination_protection=not config.ephemeral,
        )
        self._zones = list(config.network.zones)
        self.vpc: ec2.Vpc = build_vpc(self, config.network)
        self.nat_gateways = [each.ref for each in self.vpc.node.find_all() if isinstance(each, ec2.CfnNatGateway)]
        self.endpoints = ServiceEndpoints(self, "Endpoints", vpc=self.vpc, settings=config.network)
        key = FlowLogs(self, "FlowLogs", vpc=self.vpc, config=config).key
        keep_logs_of("Custom::VpcRestrictDefaultSG", stack=self, config=config, key=key)

    @property
    def availability_zones(self) -> list[str]:
        """Their ids, as configured. Left to itself, a stack looks up names, and synth would need an account."""
        return self._zones
