"""The AWS services that the functions call, reached inside the VPC instead of over the internet."""

from aws_cdk import Stack
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_iam as iam
from constructs import Construct

from ..config import Network
from ..constructs.endpoint_services import ENDPOINT_SERVICES

_HTTPS = ec2.Port.tcp(443)

# AWS's own list of S3's addresses in us-east-1, the one region that configuration admits: the same in every account
# (`aws ec2 describe-managed-prefix-lists`).
S3_PREFIX_LIST = "pl-63a5400a"


class ServiceEndpoints(Construct):
    """Interface endpoints behind one security group, unless they are opted out of, and the gateway endpoint of S3.

    Nobody may use them until `allow_from` or `allow_s3_from` says so; those rules become part of the caller's stack.
    """

    def __init__(self, scope: Construct, construct_id: str, *, vpc: ec2.Vpc, settings: Network) -> None:
        super().__init__(scope, construct_id)
        self._group = self._build_interfaces(vpc) if settings.interface_endpoints is True else None
        s3 = vpc.add_gateway_endpoint("S3", service=ec2.GatewayVpcEndpointAwsService.S3)
        s3.add_to_policy(self._own_account())
        # A custom resource answers CloudFormation at an address signed by CloudFormation, not by this account.
        s3.add_to_policy(
            iam.PolicyStatement(
                principals=[iam.AnyPrincipal()],
                actions=["s3:PutObject"],
                resources=["arn:aws:s3:::cloudformation-custom-resource-response-*/*"],
            )
        )

    @property
    def through_nat(self) -> bool:
        """Whether AWS's services are reached through NAT, so that whoever calls them may leave the VPC by HTTPS."""
        return self._group is None

    def allow_from(self, peer: ec2.IConnectable) -> None:
        """Let `peer` call AWS's services: by their endpoints, or through NAT where there are none."""
        if self._group is None:
            peer.connections.allow_to_any_ipv4(_HTTPS, "AWS services, through NAT")
        else:
            peer.connections.allow_to(self._group, _HTTPS, "AWS services")

    def allow_s3_from(self, peer: ec2.IConnectable) -> None:
        """Let `peer` call S3. The gateway endpoint is a route, so only the caller's side needs a rule."""
        peer.connections.allow_to(ec2.Peer.prefix_list(S3_PREFIX_LIST), _HTTPS, "S3")

    def _build_interfaces(self, vpc: ec2.Vpc) -> ec2.SecurityGroup:
        group = ec2.SecurityGroup(
            self,
            "SecurityGroup",
            vpc=vpc,
            description="Flux: interface endpoints of AWS services",
            allow_all_outbound=False,
        )
        for name, service in ENDPOINT_SERVICES.items():
            endpoint = vpc.add_interface_endpoint(
                name,
                service=ec2.InterfaceVpcEndpointAwsService(service),
                subnets=ec2.SubnetSelection(subnet_type=ec2.SubnetType.PRIVATE_WITH_EGRESS),
                security_groups=[group],
                open=False,  # True would let in the whole VPC
            )
            endpoint.add_to_policy(self._own_account())
        return group

    def _own_account(self) -> iam.PolicyStatement:
        """Without it, credentials of another account could carry data out through the endpoint."""
        return iam.PolicyStatement(
            principals=[iam.AnyPrincipal()],
            actions=["*"],
            resources=["*"],  # what the caller's role allows; the endpoint only asks whose role it is
            conditions={"StringEquals": {"aws:PrincipalAccount": Stack.of(self).account}},
        )
