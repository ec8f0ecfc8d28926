"""EC2's networking as records: nothing is routed or isolated here, but every resource exists and is described.

Adds the types that a VPC with private subnets needs and ministack lacks, and the attributes its VPC does not answer.
"""
# ruff: noqa: SLF001 - ministack's private names; each is declared in EXPECTATIONS

import secrets
from typing import override

from ministack.services import ec2
from ministack.services.cloudformation import provisioners

from .expectations import Expectation
from .resources import Completed, Request, Resource, ResourceType, register
from .values import Json, Properties

EXPECTATIONS = (
    Expectation(module="ministack.services.ec2", symbol="_addresses"),
    Expectation(module="ministack.services.ec2", symbol="_flow_logs"),
    Expectation(module="ministack.services.ec2", symbol="_nat_gateways"),
    Expectation(module="ministack.services.ec2", symbol="_now_ts", parameters=()),
    Expectation(module="ministack.services.ec2", symbol="_subnets"),
    Expectation(module="ministack.services.ec2", symbol="_tags"),
    Expectation(
        module="ministack.services.cloudformation.provisioners",
        symbol="_ec2_apply_tags",
        parameters=("physical_id", "props", "old_props"),
    ),
)


def new_id(prefix: str) -> str:
    """An identifier as EC2 makes them, like `nat-0a1b2c3d4e5f67890`."""
    return f"{prefix}-{secrets.token_hex(9)[:17]}"


class ElasticIp(ResourceType):
    """`AWS::EC2::EIP`: `Ref` is the address, from a range reserved for documentation (RFC 5737)."""

    name = "AWS::EC2::EIP"
    replacing = ("Domain", "NetworkBorderGroup", "TransferAddress")
    tags = "Tags"

    @override
    def create(self, request: Request) -> Resource:
        allocation = new_id("eipalloc")
        taken = {record["PublicIp"] for record in ec2._addresses.values()}
        address = next(free for last in range(1, 255) if (free := f"203.0.113.{last}") not in taken)
        ec2._addresses[allocation] = {
            "AllocationId": allocation,
            "PublicIp": address,
            "Domain": request.properties.text("Domain", "vpc"),
            "AssociationId": None,
            "InstanceId": None,
            "NetworkInterfaceId": None,
            "PrivateIpAddress": None,
        }
        provisioners._ec2_apply_tags(allocation, request.properties.values)
        return self._resource(address)

    @override
    def update(self, physical_id: str, old: Properties, request: Request) -> Resource:
        resource = self._resource(physical_id)
        provisioners._ec2_apply_tags(resource.attributes["AllocationId"], request.properties.values, old.values)
        return resource

    @override
    def delete(self, physical_id: str, properties: Properties) -> None:
        for allocation, record in list(ec2._addresses.items()):
            if record["PublicIp"] == physical_id:
                del ec2._addresses[allocation]
                ec2._tags.pop(allocation, None)

    def _resource(self, address: str) -> Resource:
        allocation = next(key for key, record in ec2._addresses.items() if record["PublicIp"] == address)
        return Resource(physical_id=address, attributes={"AllocationId": allocation, "PublicIp": address})


class NatGateway(ResourceType):
    """`AWS::EC2::NatGateway`: available at once."""

    name = "AWS::EC2::NatGateway"
    replacing = ("AllocationId", "ConnectivityType", "PrivateIpAddress", "SubnetId", "VpcId")
    tags = "Tags"

    @override
    def create(self, request: Request) -> Resource:
        subnet = request.properties.text("SubnetId")
        if subnet not in ec2._subnets:
            raise ValueError(f"The subnet ID '{subnet}' does not exist")
        gateway = new_id("nat")
        ec2._nat_gateways[gateway] = {
            "NatGatewayId": gateway,
            "SubnetId": subnet,
            "VpcId": ec2._subnets[subnet]["VpcId"],
            "AllocationId": request.properties.text("AllocationId", ""),
            "ConnectivityType": request.properties.text("ConnectivityType", "public"),
            "State": "available",
            "CreateTime": ec2._now_ts(),
            "Tags": [],
        }
        provisioners._ec2_apply_tags(gateway, request.properties.values)
        return Resource(physical_id=gateway, attributes={"NatGatewayId": gateway})

    @override
    def update(self, physical_id: str, old: Properties, request: Request) -> Resource:
        provisioners._ec2_apply_tags(physical_id, request.properties.values, old.values)
        return Resource(physical_id=physical_id, attributes={"NatGatewayId": physical_id})

    @override
    def delete(self, physical_id: str, properties: Properties) -> None:
        ec2._nat_gateways.pop(physical_id, None)
        ec2._tags.pop(physical_id, None)


class FlowLog(ResourceType):
    """`AWS::EC2::FlowLog`: a record; there are no packets to log."""

    name = "AWS::EC2::FlowLog"
    # Everything but tags ("Update requires: Replacement" throughout its reference).
    replacing = (
        "DeliverLogsPermissionArn",
        "DestinationOptions",
        "LogDestination",
        "LogDestinationType",
        "LogFormat",
        "LogGroupName",
        "MaxAggregationInterval",
        "ResourceId",
        "ResourceType",
        "TrafficType",
    )
    tags = "Tags"

    @override
    def create(self, request: Request) -> Resource:
        properties = request.properties
        flow_log = new_id("fl")
        ec2._flow_logs[flow_log] = {
            "FlowLogId": flow_log,
            "ResourceId": properties.text("ResourceId"),
            "ResourceType": properties.text("ResourceType"),
            "TrafficType": properties.text("TrafficType", "ALL"),
            "LogDestinationType": properties.text("LogDestinationType", "cloud-watch-logs"),
            "LogDestination": properties.text("LogDestination", properties.text("LogGroupName", "")),
            "FlowLogStatus": "ACTIVE",
            "CreationTime": ec2._now_ts(),
        }
        provisioners._ec2_apply_tags(flow_log, properties.values)
        return Resource(physical_id=flow_log, attributes={"Id": flow_log})

    @override
    def update(self, physical_id: str, old: Properties, request: Request) -> Resource:
        provisioners._ec2_apply_tags(physical_id, request.properties.values, old.values)
        return Resource(physical_id=physical_id, attributes={"Id": physical_id})

    @override
    def delete(self, physical_id: str, properties: Properties) -> None:
        ec2._flow_logs.pop(physical_id, None)
        ec2._tags.pop(physical_id, None)


def _vpc_attributes(vpc: str, properties: Properties) -> dict[str, Json]:
    """What `Fn::GetAtt` on a VPC answers on AWS and ministack leaves out."""
    return {
        "CidrBlock": properties.text("CidrBlock"),
        "CidrBlockAssociations": [f"vpc-cidr-assoc-{vpc.removeprefix('vpc-')}"],
        "Ipv6CidrBlocks": [],
    }


def _subnet_attributes(_subnet: str, properties: Properties) -> dict[str, Json]:
    """What `Fn::GetAtt` on a subnet answers on AWS and ministack leaves out."""
    return {"CidrBlock": properties.text("CidrBlock"), "Ipv6CidrBlocks": [], "VpcId": properties.text("VpcId")}


def install() -> None:
    """Register the types and complete the attributes."""
    register(
        ElasticIp(),
        NatGateway(),
        FlowLog(),
        Completed("AWS::EC2::VPC", _vpc_attributes),
        Completed("AWS::EC2::Subnet", _subnet_attributes),
    )
