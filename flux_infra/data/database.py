"""The one PostgreSQL that holds what Flux knows."""

from aws_cdk import ArnFormat, Duration, Stack
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_rds as rds
from constructs import Construct

from ..config import FluxConfig
from ..config.resources import DATABASE_PORT, POSTGRES_VERSION
from ..constructs.key import allow_log_groups
from ..constructs.log_group import build_log_group
from ..constructs.names import database_identifier
from ..constructs.removal import state_removal
from ..constructs.role import ServiceRole
from .secrets import build_secret

POSTGRES = rds.DatabaseInstanceEngine.postgres(
    version=rds.PostgresEngineVersion.of(POSTGRES_VERSION, POSTGRES_VERSION.split(".", maxsplit=1)[0])
)
DATABASE_NAME = "flux"
OWNER = "flux_owner"  # not the name that everybody guesses (FSBP RDS.25)
_EXPORTED_LOGS = ("postgresql", "upgrade")  # FSBP RDS.36


class FluxDatabase(Construct):
    """PostgreSQL on RDS: encrypted, private, TLS only, kept when its stack is deleted unless it is ephemeral.

    Attributes:
        instance: the RDS instance.
        owner: secret of the schema's owner, the RDS master user. Migrations use it; functions never do.
        functions: secret of `flux_app`, the role the functions log in as. The first migration creates that role.
        name: of the database in the instance.
    """

    def __init__(self, scope: Construct, construct_id: str, *, config: FluxConfig, vpc: ec2.IVpc, key: kms.Key) -> None:
        super().__init__(scope, construct_id)
        settings = config.database
        # Also the instance, whose name is ours, is not kept where its first deployment fails: the next could not make
        # it again. Its deletion protection stops that clean-up, which keeps its key as well:
        # docs/runbooks/failed-first-deployment.md.
        self._removal = state_removal(config)
        self.name = DATABASE_NAME
        self.owner = build_secret(
            self,
            "Owner",
            config=config,
            key=key,
            description="PostgreSQL owner of the schema",
            template={"username": OWNER},
            generated="password",
        )
        self.functions = build_secret(
            self,
            "Functions",
            config=config,
            key=key,
            description="PostgreSQL role of the functions",
            template={"username": "flux_app"},
            generated="password",
        )
        monitoring_role = self._monitoring_role()
        self.instance = rds.DatabaseInstance(
            self,
            "Instance",
            engine=POSTGRES,
            instance_identifier=database_identifier(config),
            instance_type=ec2.InstanceType(settings.instance_class),
            database_name=DATABASE_NAME,
            port=DATABASE_PORT,
            credentials=rds.Credentials.from_secret(self.owner, OWNER),
            vpc=vpc,
            subnet_group=self._subnets(vpc),
            security_groups=[self._security_group(vpc)],
            publicly_accessible=False,
            multi_az=settings.standby is True,
            storage_type=rds.StorageType.GP3,
            allocated_storage=settings.storage_gib,
            max_allocated_storage=4 * settings.storage_gib,
            storage_encryption_key=key,
            parameter_group=self._parameters(),
            ca_certificate=rds.CaCertificate.RDS_CA_RSA2048_G1,
            iam_authentication=True,  # so that people can log in without a shared password (FSBP RDS.10)
            backup_retention=Duration.days(settings.backup_days),
            # After the nightly forecasts (02:00 to 05:00 UTC) and while restaurants in America sleep.
            preferred_backup_window="06:00-07:00",
            preferred_maintenance_window="sun:08:00-sun:09:00",
            copy_tags_to_snapshot=True,
            delete_automated_backups=config.ephemeral,
            auto_minor_version_upgrade=True,
            cloudwatch_logs_exports=list(_EXPORTED_LOGS),
            monitoring_interval=Duration.seconds(60),
            monitoring_role=monitoring_role,
            database_insights_mode=rds.DatabaseInsightsMode.STANDARD,
            enable_performance_insights=True,
            performance_insight_encryption_key=key,
            performance_insight_retention=rds.PerformanceInsightRetention.DEFAULT,  # 7 days
            deletion_protection=not config.ephemeral,
            removal_policy=self._removal,
        )
        # RDS tries the role when it is handed over, so its policy, a resource of its own, must be attached by then.
        self.instance.node.add_dependency(monitoring_role.node.find_child("DefaultPolicy"))
        self._log_groups(config, key)

    def allow_from(self, peer: ec2.IConnectable) -> None:
        """Let `peer` connect; the rules become part of its stack."""
        # Not the instance's own default port, which is only known once it is deployed.
        peer.connections.allow_to(self.instance, ec2.Port.tcp(DATABASE_PORT), "PostgreSQL")

    def _subnets(self, vpc: ec2.IVpc) -> rds.SubnetGroup:
        return rds.SubnetGroup(
            self,
            "Subnets",
            description="Flux: isolated subnets",
            vpc=vpc,
            vpc_subnets=ec2.SubnetSelection(subnet_type=ec2.SubnetType.PRIVATE_ISOLATED),
            removal_policy=self._removal,  # an instance that is kept keeps its subnets
        )

    def _security_group(self, vpc: ec2.IVpc) -> ec2.SecurityGroup:
        group = ec2.SecurityGroup(
            self, "SecurityGroup", vpc=vpc, description="Flux: PostgreSQL", allow_all_outbound=False
        )
        group.apply_removal_policy(self._removal)  # an instance that is kept stands in it
        return group

    def _log_groups(self, config: FluxConfig, key: kms.Key) -> None:
        """Create the log groups before RDS would, because RDS's own keep logs for ever."""
        allow_log_groups(key)
        for log in _EXPORTED_LOGS:
            group = build_log_group(
                self,
                f"{log.capitalize()}Logs",
                config=config,
                name=f"/aws/rds/instance/{database_identifier(config)}/{log}",
                key=key,
            )
            self.instance.node.add_dependency(group)

    def _monitoring_role(self) -> ServiceRole:
        """Return AmazonRDSEnhancedMonitoringRole, narrowed to the one log group that RDS writes to in this account."""
        role = ServiceRole(self, "MonitoringRole", service="monitoring.rds.amazonaws.com")
        group = Stack.of(self).format_arn(
            service="logs",
            resource="log-group",
            resource_name="RDSOSMetrics",
            arn_format=ArnFormat.COLON_RESOURCE_NAME,
        )
        streams = f"{group}:log-stream:*"  # RDS names a stream after each instance's resource id
        role.add_to_policy(
            iam.PolicyStatement(
                actions=["logs:CreateLogGroup", "logs:PutRetentionPolicy"],
                # IAM is asked about a group that is to be made as `<group>:log-stream:`; AWS's policy, whose name ends
                # in a wildcard, means both.
                resources=[group, streams],
            )
        )
        role.add_to_policy(
            iam.PolicyStatement(
                actions=[
                    "logs:CreateLogStream",
                    "logs:DescribeLogStreams",
                    "logs:GetLogEvents",
                    "logs:PutLogEvents",
                ],
                resources=[streams],
            )
        )
        return role

    def _parameters(self) -> rds.ParameterGroup:
        return rds.ParameterGroup(
            self,
            "Parameters",
            engine=POSTGRES,
            description="Flux: TLS only, no query or transaction that hangs",
            removal_policy=self._removal,
            parameters={
                "rds.force_ssl": "1",  # FSBP RDS.38
                # No statement outlives the workers' 60 s; migrations set their own limit.
                "statement_timeout": "60000",  # ms
                # A function that dies mid-transaction must not hold its locks for longer than a retry waits.
                "idle_in_transaction_session_timeout": "30000",  # ms
                "log_min_duration_statement": "1000",  # ms: the API's p95 target
                # Slow statements are logged without their values, which are restaurants' data. DDL is not logged at
                # all: CREATE ROLE carries a password.
                "log_parameter_max_length": "0",
                "log_lock_waits": "1",
                "lc_messages": "C",  # lambdas/flux_core/logins.py reads in English why a login was refused
            },
        )
