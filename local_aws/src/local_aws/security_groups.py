"""EC2's security group rules as resources of their own, and the closed default group: records, nothing is filtered."""
# ruff: noqa: SLF001 - ministack's private names; each is declared in EXPECTATIONS

from typing import override

from ministack.core.responses import get_account_id
from ministack.services import ec2
from ministack.services.cloudformation import provisioners

from .ec2 import new_id
from .expectations import Expectation
from .resources import Request, Resource, ResourceType, register
from .values import Json, Properties

EXPECTATIONS = (
    Expectation(module="ministack.core.responses", symbol="get_account_id", parameters=()),
    Expectation(module="ministack.services.ec2", symbol="_security_groups"),
    Expectation(
        module="ministack.services.cloudformation.provisioners", symbol="_ec2_sg_permissions", parameters=("rules",)
    ),
)


def _group(group: str) -> dict[str, list[dict[str, Json]]]:
    if group not in ec2._security_groups:
        raise ValueError(f"The security group '{group}' does not exist")
    record: dict[str, list[dict[str, Json]]] = ec2._security_groups[group]
    return record


class SecurityGroupRule(ResourceType):
    """One rule, added to a group that another stack may own.

    Attributes:
        direction: the list of the group's record that its rules are in.
    """

    direction: str
    # Everything but the description ("Update requires: Replacement" throughout their references).
    replacing = (
        "CidrIp",
        "CidrIpv6",
        "DestinationPrefixListId",
        "DestinationSecurityGroupId",
        "FromPort",
        "GroupId",
        "GroupName",
        "IpProtocol",
        "SourcePrefixListId",
        "SourceSecurityGroupId",
        "SourceSecurityGroupName",
        "SourceSecurityGroupOwnerId",
        "ToPort",
    )

    @override
    def create(self, request: Request) -> Resource:
        return self._put(new_id("sgr"), request.properties)

    @override
    def update(self, physical_id: str, old: Properties, request: Request) -> Resource:
        self.delete(physical_id, old)
        return self._put(physical_id, request.properties)

    @override
    def delete(self, physical_id: str, properties: Properties) -> None:
        record = ec2._security_groups.get(properties.text("GroupId"))
        if record is not None:
            rules = record[self.direction]
            rules[:] = [rule for rule in rules if rule.get("SecurityGroupRuleId") != physical_id]

    def _put(self, rule_id: str, properties: Properties) -> Resource:
        (permission,) = provisioners._ec2_sg_permissions([properties.values])
        permission["SecurityGroupRuleId"] = rule_id
        _group(properties.text("GroupId"))[self.direction].append(permission)
        return Resource(physical_id=rule_id, attributes={"Id": rule_id})


class IngressRule(SecurityGroupRule):
    """`AWS::EC2::SecurityGroupIngress`."""

    name = "AWS::EC2::SecurityGroupIngress"
    direction = "IpPermissions"


class EgressRule(SecurityGroupRule):
    """`AWS::EC2::SecurityGroupEgress`."""

    name = "AWS::EC2::SecurityGroupEgress"
    direction = "IpPermissionsEgress"


class ClosedDefaultGroup(ResourceType):
    """`Custom::VpcRestrictDefaultSG`: the CDK's custom resource that takes a VPC's default group all its rules.

    Its provider is a Node function that calls EC2 through an SDK which the Lambda runtime ships and this machine does
    not; what it does is done here instead.
    """

    name = "Custom::VpcRestrictDefaultSG"

    @override
    def create(self, request: Request) -> Resource:
        group = request.properties.text("DefaultSecurityGroupId")
        _group(group).update(IpPermissions=[], IpPermissionsEgress=[])
        return Resource(physical_id=f"closed-{group}")

    @override
    def update(self, physical_id: str, old: Properties, request: Request) -> Resource:
        if old.text("DefaultSecurityGroupId") != request.properties.text("DefaultSecurityGroupId"):
            self.delete(physical_id, old)
        return self.create(request)

    @override
    def delete(self, physical_id: str, properties: Properties) -> None:
        group = properties.text("DefaultSecurityGroupId")
        if group in ec2._security_groups:
            within: dict[str, Json] = {
                "IpProtocol": "-1",
                "UserIdGroupPairs": [{"GroupId": group, "UserId": str(get_account_id())}],
            }
            anywhere: dict[str, Json] = {"IpProtocol": "-1", "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}
            _group(group).update(IpPermissions=[within], IpPermissionsEgress=[anywhere])


def install() -> None:
    """Register the types."""
    register(IngressRule(), EgressRule(), ClosedDefaultGroup())
