"""Who spoke to whom in the VPC."""

from aws_cdk import aws_ec2 as ec2
from constructs import Construct

from ..config import FluxConfig
from ..constructs.key import allow_log_groups, build_key
from ..constructs.log_group import build_log_group
from ..constructs.names import log_group_name
from ..constructs.role import ServiceRole

FLOW_LOGS = "flow-logs"  # the log group, after the environment's name


class FlowLogs(Construct):
    """All of the VPC's traffic, accepted and rejected (FSBP EC2.6), in an encrypted log group.

    Attributes:
        key: encrypts this layer's logs.
    """

    def __init__(self, scope: Construct, construct_id: str, *, vpc: ec2.Vpc, config: FluxConfig) -> None:
        super().__init__(scope, construct_id)
        self.key = build_key(self, "Key", config=config, description="flow logs")
        allow_log_groups(self.key)
        log_group = build_log_group(
            self, "LogGroup", config=config, name=log_group_name(config, FLOW_LOGS), key=self.key
        )
        role = ServiceRole(self, "Role", service="vpc-flow-logs.amazonaws.com")
        ec2.FlowLog(
            self,
            "FlowLog",
            resource_type=ec2.FlowLogResourceType.from_vpc(vpc),
            destination=ec2.FlowLogDestination.to_cloud_watch_logs(log_group, role),
            traffic_type=ec2.FlowLogTrafficType.ALL,
        )
