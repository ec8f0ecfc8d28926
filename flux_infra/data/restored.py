"""Where a database that was restored from a backup stands while a drill looks at it."""

from aws_cdk import aws_ec2 as ec2
from constructs import Construct

from ..config.resources import DATABASE_PORT


class RestoredDatabase(Construct):
    """A security group of its own: not the live database's, which all functions can reach.

    Attributes:
        group: in front of a restored instance; lets nothing out.
    """

    def __init__(self, scope: Construct, construct_id: str, *, vpc: ec2.IVpc) -> None:
        super().__init__(scope, construct_id)
        self.group = ec2.SecurityGroup(
            self, "SecurityGroup", vpc=vpc, description="Flux: PostgreSQL restored by a drill", allow_all_outbound=False
        )

    def allow_from(self, peer: ec2.IConnectable) -> None:
        """Let `peer` connect; the rules become part of its stack."""
        peer.connections.allow_to(self.group, ec2.Port.tcp(DATABASE_PORT), "PostgreSQL restored by a drill")
