"""Who may open a connection to whom: security groups, read from both sides."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from ..finding import Broken, Rules
from ..model import Environment, Resource, plain
from ..values import Json, as_map, as_number, as_text
from ..workloads import (
    CACHE,
    DATABASE,
    ENDPOINTS,
    INTERNET,
    RESTORED,
    S3,
    WORKLOADS,
)

RULES = Rules()
GROUP = "AWS::EC2::SecurityGroup"
_S3_PREFIX_LIST = "pl-63a5400a"  # AWS's own list of S3's addresses in us-east-1, the one region that config admits
_PORTS = {DATABASE: 5433, RESTORED: 5433, CACHE: 6380, ENDPOINTS: 443, S3: 443, INTERNET: 443}
_GROUPS = (DATABASE, RESTORED, CACHE, ENDPOINTS)
_MODEL = "Ml/ForecastSecurityGroup"


@dataclass(frozen=True, kw_only=True)
class Door:
    """One rule: which group it opens, towards whom, on which ports."""

    group: str
    peer: str
    protocol: str
    ports: tuple[float | None, float | None]
    outward: bool
    resource: Resource


def _doors(environment: Environment) -> Iterator[Door]:
    for group in environment.of(GROUP):
        for outward, path in ((False, "SecurityGroupIngress"), (True, "SecurityGroupEgress")):
            for rule in group.items(path):
                yield from _door(group, group.name, rule, outward=outward)
        if not group.items("SecurityGroupEgress") and not _has_egress(environment, group):
            everything: Mapping[str, Json] = {"CidrIp": "0.0.0.0/0", "IpProtocol": "-1"}
            yield from _door(group, group.name, everything, outward=True)
    for kind, outward in (("AWS::EC2::SecurityGroupIngress", False), ("AWS::EC2::SecurityGroupEgress", True)):
        for resource in environment.of(kind):
            yield from _door(resource, _group(resource.text("GroupId")), as_map(resource.properties), outward=outward)


def _has_egress(environment: Environment, group: Resource) -> bool:
    """CloudFormation drops the default way out only if a group has outward rules in its own stack."""
    return any(
        rule.text("GroupId") == group.refers("GroupId") for rule in environment.of("AWS::EC2::SecurityGroupEgress")
    )


def _group(reference: str) -> str:
    return reference.removeprefix("${").removesuffix(".GroupId}").removesuffix("}")


_PEERS = (
    *("CidrIp", "CidrIpv6", "SourceSecurityGroupId", "DestinationSecurityGroupId"),
    *("DestinationPrefixListId", "SourcePrefixListId"),
)


def _door(resource: Resource, group: str, rule: Mapping[str, Json], *, outward: bool) -> Iterator[Door]:
    """Yield a door for every peer that a rule names; the peer of a rule that names another account's is nobody."""
    peers = [plain(as_text(rule[key])) for key in _PEERS if as_text(rule.get(key))]
    if as_text(rule.get("SourceSecurityGroupOwnerId")) or as_text(rule.get("SourceSecurityGroupName")):
        peers.append("")
    for peer in peers or [""]:
        yield Door(
            group=group,
            peer=_group(peer) if peer.startswith("${") else peer,
            protocol={"6": "tcp"}.get(as_text(rule.get("IpProtocol")), as_text(rule.get("IpProtocol")).lower()),
            ports=(as_number(rule.get("FromPort")), as_number(rule.get("ToPort"))),
            outward=outward,
            resource=resource,
        )


def _is_nothing(door: Door) -> bool:
    """CDK's ways of saying `no way out`: an address that nobody has, and one that is the machine itself."""
    return (door.peer == "255.255.255.255/32" and door.protocol == "icmp") or door.peer == "127.0.0.1/32"


def _peer_name(peer: str) -> str:
    return {_S3_PREFIX_LIST: S3, "0.0.0.0/0": INTERNET, "::/0": INTERNET}.get(peer, peer)


def _wanted(environment: Environment) -> set[tuple[str, str]]:
    """Return who may open a connection to whom."""
    doors = {
        (workload.part("SecurityGroup"), target)
        for workload in WORKLOADS
        for target in workload.reaches | (workload.reaches_backups if environment.backed_up else frozenset())
    }
    return doors | {(_MODEL, S3)}


@RULES.rule("SG-NO-OPEN-INGRESS", source="FSBP EC2.13, EC2.14, EC2.18; CIS 5.2", remedy="let in groups, not addresses")
def nobody_comes_in_by_address(environment: Environment) -> Iterable[Broken]:
    """Only a security group may be let in, on one port of TCP."""
    for door in _doors(environment):
        if door.outward:
            continue
        if "/" not in door.peer or door.peer[:1].isdigit() or ":" in door.peer:
            yield Broken(resource=door.resource, what=f"lets in {door.peer or 'everybody'}")
        elif door.protocol != "tcp" or door.ports[0] is None or door.ports[0] != door.ports[1]:
            yield Broken(resource=door.resource, what=f"lets in {door.peer} on more than one port")


@RULES.rule("SG-PAIRS", source="policy/workloads.py", remedy="open exactly the doors that are needed")
def exactly_the_needed_doors_are_open(environment: Environment) -> Iterable[Broken]:
    """Each needed connection is open on both sides, on its port; no other is."""
    wanted = _wanted(environment)
    opened: set[tuple[str, str, bool]] = set()
    for door in _doors(environment):
        source, target = (door.group, _peer_name(door.peer)) if door.outward else (door.peer, door.group)
        if _is_nothing(door):
            continue
        if (source, target) not in wanted:
            yield Broken(resource=door.resource, what=f"lets {source} reach {target}, which it does not need")
        elif door.protocol != "tcp" or door.ports != (_PORTS[target], _PORTS[target]):
            yield Broken(resource=door.resource, what=f"opens more or less than TCP {_PORTS[target]} to {target}")
        opened.add((source, target, door.outward))
    for source, target in sorted(wanted):
        if (source, target, True) not in opened:
            yield Broken(subject=source, what=f"no rule from {source} to {target}")
        if target in _GROUPS and (source, target, False) not in opened:
            yield Broken(subject=target, what=f"no rule into {target} from {source}")


@RULES.rule("SG-PLACE", source="VPC User Guide, Security groups", remedy="in Flux's VPC")
def groups_belong_to_the_vpc(environment: Environment) -> Iterable[Broken]:
    """A group of another VPC cannot protect anything here."""
    for group in environment.of(GROUP):
        if group.text("VpcId") != "${Network/Vpc}":
            yield Broken(resource=group, what="is not in Flux's VPC")
