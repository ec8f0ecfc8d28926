"""The cache in front of PostgreSQL."""

from aws_cdk import RemovalPolicy
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_elasticache as elasticache
from aws_cdk import aws_kms as kms
from constructs import Construct

from ..config import FluxConfig
from ..config.resources import CACHE_PORT, VALKEY_VERSION
from ..constructs.names import CACHE_USER, cache_user_id
from .secrets import build_secret

# Everything but administration and what can stall or empty the whole cache, like KEYS and FLUSHALL.
_ACCESS = "on ~* &* +@all -@admin -@dangerous"


class FluxCache(Construct):
    """Valkey on ElastiCache: encrypted at rest and in transit, one user, a standby that takes over by itself.

    Attributes:
        replication_group: the cache itself.
        host, port: of the primary; `rediss://` only.
        secret: {"username", "password"} of the one user.
        connections: who may reach it; use `allow_from`.
    """

    def __init__(
        self, scope: Construct, construct_id: str, *, config: FluxConfig, vpc: ec2.IVpc, key: kms.IKey
    ) -> None:
        super().__init__(scope, construct_id)
        standby = config.cache.failover is True
        group = ec2.SecurityGroup(self, "SecurityGroup", vpc=vpc, description="Flux: Valkey", allow_all_outbound=False)
        self.connections = ec2.Connections(security_groups=[group], default_port=ec2.Port.tcp(CACHE_PORT))
        self.secret = build_secret(
            self,
            "User",
            config=config,
            key=key,
            description="Valkey user of the functions",
            template={"username": CACHE_USER},
            generated="password",
        )
        subnets = elasticache.CfnSubnetGroup(
            self,
            "Subnets",
            description="Flux: isolated subnets",
            subnet_ids=vpc.select_subnets(subnet_type=ec2.SubnetType.PRIVATE_ISOLATED).subnet_ids,
        )
        self.replication_group = elasticache.CfnReplicationGroup(
            self,
            "ReplicationGroup",
            replication_group_description=f"Flux {config.name}: cache",
            engine="valkey",
            engine_version=VALKEY_VERSION,
            cache_node_type=f"cache.{config.cache.node_class}",
            port=CACHE_PORT,
            num_cache_clusters=2 if standby else 1,
            automatic_failover_enabled=standby,
            multi_az_enabled=standby,
            cache_subnet_group_name=subnets.ref,
            security_group_ids=[group.security_group_id],
            at_rest_encryption_enabled=True,
            kms_key_id=key.key_arn,
            transit_encryption_enabled=True,
            transit_encryption_mode="required",  # "preferred" would also take plain text
            user_group_ids=[self._users(config).ref],
            auto_minor_version_upgrade=True,
            preferred_maintenance_window="sun:08:00-sun:09:00",
            snapshot_retention_limit=15,  # days (NIST 800-53 R5 CP-9: ElastiCacheRedisClusterAutomaticBackup)
            snapshot_window="06:00-07:00",
        )
        # A cache can be filled again, but a snapshot of it warms the next one.
        removal = RemovalPolicy.DESTROY if config.ephemeral else RemovalPolicy.SNAPSHOT
        self.replication_group.apply_removal_policy(removal)
        self.host = self.replication_group.attr_primary_end_point_address
        self.port = self.replication_group.attr_primary_end_point_port

    def allow_from(self, peer: ec2.IConnectable) -> None:
        """Let `peer` connect; the rules become part of its stack."""
        peer.connections.allow_to_default_port(self.connections, "Valkey")

    def _users(self, config: FluxConfig) -> elasticache.CfnUserGroup:
        """Return a group with the one user. Valkey, unlike Redis, needs no user called `default` in it."""
        user = elasticache.CfnUser(
            self,
            "FunctionsUser",
            engine="valkey",
            user_id=cache_user_id(config),
            user_name=CACHE_USER,
            access_string=_ACCESS,
            # Resolved by CloudFormation while deploying: the template names the secret and never holds it.
            passwords=[self.secret.secret_value_from_json("password").unsafe_unwrap()],
        )
        return elasticache.CfnUserGroup(
            self, "Users", engine="valkey", user_group_id=cache_user_id(config), user_ids=[user.ref]
        )
