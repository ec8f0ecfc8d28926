"""The VPC and its subnets."""

from aws_cdk import aws_ec2 as ec2
from constructs import Construct

from ..config import Network


def build_vpc(scope: Construct, settings: Network) -> ec2.Vpc:
    """Return the VPC: three tiers of subnets in every zone, and a default security group that lets nothing through.

    The zones are the stack's, by their ids, which the library's own construct knows no word for.

    The default group (FSBP EC2.2) is closed by a custom resource of aws-cdk-lib, which the flag
    `restrictDefaultSecurityGroup` in cdk.json switches on: a template alone can add rules to that group but cannot take
    away those that AWS puts there.
    """
    vpc = ec2.Vpc(
        scope,
        "Vpc",
        ip_addresses=ec2.IpAddresses.cidr(settings.cidr),
        max_azs=len(settings.zones),
        nat_gateways=settings.nat_gateways,
        subnet_configuration=[
            ec2.SubnetConfiguration(
                name="Public", subnet_type=ec2.SubnetType.PUBLIC, cidr_mask=24, map_public_ip_on_launch=False
            ),
            # Twice the addresses of the others: functions and endpoints share this tier.
            ec2.SubnetConfiguration(name="Private", subnet_type=ec2.SubnetType.PRIVATE_WITH_EGRESS, cidr_mask=23),
            ec2.SubnetConfiguration(name="Isolated", subnet_type=ec2.SubnetType.PRIVATE_ISOLATED, cidr_mask=24),
        ],
    )
    for subnet in vpc.node.find_all():
        if isinstance(subnet, ec2.CfnSubnet):
            subnet.availability_zone_id, subnet.availability_zone = subnet.availability_zone, None
    return vpc
