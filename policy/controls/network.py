"""FSBP: the network."""

from collections.abc import Mapping

from .answers import Answer, Met, NotApplicable, Open, account, rules

_INSTANCES = "Flux has no EC2 instances"
_INSTANCE = ("AWS::EC2::Instance", "AWS::EC2::LaunchTemplate", "AWS::AutoScaling::")

OPEN_NETWORK_ACL = (
    "subnets have the VPC's default network ACL. One that refuses port 3389 would also drop answers to NAT gateways, "
    "which come from outside to ports 1024 to 65535; security groups let nobody in from outside (gate: "
    "SG-NO-OPEN-INGRESS)"
)

ANSWERS: Mapping[str, Answer] = {
    "EC2.1": account("SettingsSnapshotBlock"),
    "EC2.2": rules("VPC-DEFAULT-GROUP", "VPC-DEFAULT-GROUP-BY"),
    "EC2.3": account("SettingsEbsEncryption", note="Flux has no volumes; whoever makes one gets it encrypted"),
    "EC2.4": NotApplicable(reason=_INSTANCES, absent=_INSTANCE),
    "EC2.6": rules("FLOW-ALL", "FLOW-VPC", "FLOW-TO"),
    "EC2.7": account("SettingsEbsEncryption"),
    "EC2.8": NotApplicable(reason=_INSTANCES, absent=_INSTANCE),
    "EC2.9": NotApplicable(reason=_INSTANCES, absent=_INSTANCE),
    "EC2.10": Open(
        why="it asks for an endpoint of EC2's own API, which nothing in the VPC calls; what is called has its endpoint "
        "(gate: VPC-ENDPOINTS)"
    ),
    "EC2.12": Met(
        tests=("tests/infra/test_network.py::test_outward_traffic_has_as_many_ways_as_configured",),
        note="addresses are made with the NAT gateways that use them",
    ),
    "EC2.13": rules("SG-NO-OPEN-INGRESS"),
    "EC2.14": rules("SG-NO-OPEN-INGRESS"),
    "EC2.15": rules("SUBNET-NO-PUBLIC-IP"),
    "EC2.16": NotApplicable(reason="Flux makes no network ACLs", absent=("AWS::EC2::NetworkAcl",)),
    "EC2.17": NotApplicable(reason=_INSTANCES, absent=_INSTANCE),
    "EC2.18": rules("SG-NO-OPEN-INGRESS", "SG-PAIRS"),
    "EC2.19": rules("SG-NO-OPEN-INGRESS", "SG-PAIRS"),
    "EC2.20": NotApplicable(reason="Flux has no VPN connections", absent=("AWS::EC2::VPNConnection",)),
    "EC2.21": Open(why=OPEN_NETWORK_ACL),
    "EC2.22": NotApplicable(reason="AWS has retired this requirement itself"),
    "EC2.23": NotApplicable(reason="Flux has no transit gateway", absent=("AWS::EC2::TransitGateway",)),
    "EC2.24": NotApplicable(reason=_INSTANCES, absent=_INSTANCE),
    "EC2.25": NotApplicable(reason=_INSTANCES, absent=_INSTANCE),
    "EC2.28": NotApplicable(reason="Flux has no EBS volumes", absent=("AWS::EC2::Volume", *_INSTANCE)),
    "EC2.51": NotApplicable(reason="Flux has no client VPN", absent=("AWS::EC2::ClientVpnEndpoint",)),
}
