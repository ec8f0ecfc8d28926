"""A Lambda function as Flux runs it."""

from collections.abc import Mapping

from aws_cdk import Duration, RemovalPolicy
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_lambda as lambda_
from constructs import Construct

from ..config import FluxConfig, FunctionSize
from ..constructs.artifacts import Artifacts, FunctionName
from ..constructs.log_group import build_log_group
from ..constructs.names import ALIAS, log_group_name
from ..constructs.role import ServiceRole


class FluxFunction(Construct):
    """One function: own bundle, own role, own log group, own security group, and the alias that traffic goes to.

    Its role may write its log, its traces and its network interfaces, and nothing else; its security group lets
    nothing in or out. Whoever gives it work grants what the work needs.

    Attributes:
        name: like "release-gate"; operators type it.
        size: what it may use.
        function: the function itself; nothing calls it except through the alias.
        version: what is being deployed. Earlier versions are kept, so that `live` can go back to them.
        alias: `live`.
        connections: who it may speak to.
    """

    def __init__(  # noqa: PLR0913 - a function has this many sides, and each caller differs in all of them
        self,
        scope: Construct,
        construct_id: str,
        *,
        package: FunctionName,
        config: FluxConfig,
        size: FunctionSize,
        vpc: ec2.IVpc,
        key: kms.IKey,
        artifacts: Artifacts,
        description: str,
        environment: Mapping[str, str],
        name: str | None = None,
    ) -> None:
        """Create them.

        name: where several functions run one package; otherwise it is the package's.
        """
        super().__init__(scope, construct_id)
        self.name, self.size = name or package.replace("_", "-"), size
        group = ec2.SecurityGroup(
            self, "SecurityGroup", vpc=vpc, description=f"Flux: function {self.name}", allow_all_outbound=False
        )
        self.connections = ec2.Connections(security_groups=[group])
        log_group = build_log_group(self, "Logs", config=config, name=log_group_name(config, self.name), key=key)
        role = self._role()
        log_group.grant_write(role)
        self.function = lambda_.Function(
            self,
            "Function",
            description=f"Flux {config.name}: {description}",
            code=artifacts.function(package),
            handler=f"{package}.handler.handler",
            runtime=lambda_.Runtime.PYTHON_3_13,
            architecture=lambda_.Architecture.X86_64,  # what the bundles' wheels are built for
            memory_size=size.memory_mib,
            timeout=Duration.seconds(size.timeout_seconds),
            reserved_concurrent_executions=size.concurrency,
            role=role,
            log_group=log_group,
            tracing=lambda_.Tracing.ACTIVE,
            vpc=vpc,
            vpc_subnets=ec2.SubnetSelection(subnet_type=ec2.SubnetType.PRIVATE_WITH_EGRESS),
            security_groups=[group],
            environment={
                "FLUX_ENVIRONMENT": config.name,
                "POWERTOOLS_SERVICE_NAME": self.name,
                "POWERTOOLS_LOG_LEVEL": "INFO",
                **environment,
            },
            # Kept to roll back to, except by an update that fails: Lambda publishes the same code only once, so that
            # CloudFormation could not create the version again when the mended release is deployed.
            current_version_options=lambda_.VersionOptions(removal_policy=RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE),
        )
        self.version = self.function.current_version
        self.alias = lambda_.Alias(self, "Live", alias_name=ALIAS, version=self.version)
        # No traffic before the rules that let it reach its database exist: they are resources of their own.
        self.alias.node.add_dependency(group)

    def _role(self) -> ServiceRole:
        role = ServiceRole(self, "Role", service="lambda.amazonaws.com")
        role.add_to_policy(
            iam.PolicyStatement(
                actions=[
                    "ec2:AssignPrivateIpAddresses",
                    "ec2:CreateNetworkInterface",
                    "ec2:DeleteNetworkInterface",
                    "ec2:DescribeNetworkInterfaces",
                    "ec2:DescribeSubnets",
                    "ec2:UnassignPrivateIpAddresses",
                ],
                # Lambda makes the interfaces and names them; its own managed policy,
                # AWSLambdaVPCAccessExecutionRole, has the same scope.
                resources=["*"],
            )
        )
        return role
