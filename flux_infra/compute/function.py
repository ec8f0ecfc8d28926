"""A Lambda function as Flux runs it."""

from collections.abc import Mapping, Sequence

import jsii
from aws_cdk import Duration, RemovalPolicy
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_secretsmanager as secretsmanager
from constructs import Construct, IValidation

from ..config import ReleasedFunction, Worker
from ..config.function_settings import DeclaredSettings, declared_settings
from ..constructs.grants import grant_secret_read
from ..constructs.log_group import build_log_group
from ..constructs.names import ALIAS, log_group_name
from ..constructs.queue import FluxQueue
from ..constructs.role import ServiceRole
from ..ml.endpoint import ForecastEndpoint
from .context import FunctionContext
from .tracing import FunctionTracing

# Messages handed over at once. SQS's own limit without a waiting time, which would only add to the latency.
BATCH_SIZE = 10


class FluxFunction(Construct):
    """One function: own bundle, own role, own log group, own security group, and the alias that traffic goes to.

    Its role may write its log and its network interfaces; its security group lets nothing in, and out only to AWS
    services (network/endpoints.py). Each `use_...` says what it needs besides: environment variables, grant and network
    rule at once. Its environment names things and never holds a secret: functions read secrets themselves.
    Synthesis fails when the variables are not those that the function's Settings declare.

    Attributes:
        name: like "release-gate"; operators type it.
        package: of its code, under lambdas/.
        size: what it may use.
        function: the function itself; nothing calls it except through the alias.
        version: what is being deployed. Earlier versions are kept, so that `live` can go back to them.
        alias: `live`.
        connections: who it may speak to.
    """

    def __init__(  # noqa: PLR0913 - what differs between functions
        self,
        scope: Construct,
        construct_id: str,
        *,
        package: str,
        context: FunctionContext,
        description: str,
        name: str | None = None,
        settings: str | None = None,
    ) -> None:
        """Create them.

        name: where several functions run one package; otherwise it is the package's.
        settings: which class of lambdas/<package>/settings.py it reads, where there are several.
        """
        super().__init__(scope, construct_id)
        config = context.config
        self._context = context
        self.package, self.name = package, name or package.replace("_", "-")
        self.size = config.functions.size(package)
        handler = f"{package}.handler.handler"
        tracing = FunctionTracing.of(config, package=package, service=self.name, handler=handler)
        group = ec2.SecurityGroup(
            self,
            "SecurityGroup",
            vpc=context.network.vpc,
            description=f"Flux: function {self.name}",
            allow_all_outbound=False,
        )
        self.connections = ec2.Connections(security_groups=[group])
        log_group = build_log_group(
            self, "Logs", config=config, name=log_group_name(config, self.name), key=context.key
        )
        role = self._role()
        log_group.grant_write(role)
        self.function = lambda_.Function(
            self,
            "Function",
            description=f"Flux {config.name}: {description}",
            code=context.artifacts.function(package),
            handler=handler if tracing is None else tracing.handler,
            runtime=lambda_.Runtime.PYTHON_3_13,
            architecture=lambda_.Architecture.X86_64,  # what the bundles' wheels are built for
            memory_size=self.size.memory_mib,
            timeout=Duration.seconds(self.size.timeout_seconds),
            reserved_concurrent_executions=self.size.concurrency,
            role=role,
            log_group=log_group,
            # Its own lines as they are; of Lambda's own only those of trouble (docs/decisions/0061).
            logging_format=lambda_.LoggingFormat.JSON,
            application_log_level_v2=lambda_.ApplicationLogLevel.INFO,
            system_log_level_v2=lambda_.SystemLogLevel.WARN,
            vpc=context.network.vpc,
            vpc_subnets=ec2.SubnetSelection(subnet_type=ec2.SubnetType.PRIVATE_WITH_EGRESS),
            security_groups=[group],
            # Kept to roll back to, except by an update that fails: Lambda publishes the same code only once, so that
            # CloudFormation could not create the version again when the mended release is deployed.
            current_version_options=lambda_.VersionOptions(removal_policy=RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE),
        )
        self._variables: set[str] = set()
        self.set_variables(
            {
                "FLUX_ENVIRONMENT": config.name,
                "POWERTOOLS_SERVICE_NAME": self.name,
            }
        )
        self.node.add_validation(_SettingsAreSet(self.name, declared_settings(package, settings), self._variables))
        if tracing is not None:
            tracing.add_to(self.function)
            self.allow("secretsmanager:GetSecretValue", on=[tracing.key_secret])
            self.use_internet("Datadog: traces")
        self.version = self.function.current_version
        self.alias = lambda_.Alias(self, "Live", alias_name=ALIAS, version=self.version)
        # No traffic before the rules that let it reach its database exist: they are resources of their own.
        self.alias.node.add_dependency(group)
        context.network.endpoints.allow_from(self)

    @property
    def release_p99_seconds(self) -> float:
        """See ReleasedFunction.

        Raises:
            TypeError: the function is not released.
        """
        if not isinstance(self.size, ReleasedFunction):
            raise TypeError(f"{self.package}: a function that is released is a ReleasedFunction in config/functions.py")
        return self.size.release_p99_seconds

    def set_variables(self, variables: Mapping[str, str]) -> None:
        """Set environment variables that need no permission."""
        for name, value in variables.items():
            self.function.add_environment(name, value)
        self._variables.update(variables)

    def allow(
        self,
        *actions: str,
        on: Sequence[str],
        conditions: Mapping[str, Mapping[str, str]] | None = None,
    ) -> None:
        """Let it call AWS. on: ARNs."""
        iam.Grant.add_to_principal(
            grantee=self.function, actions=list(actions), resource_arns=list(on), conditions=conditions
        )

    def use_database(self, login: secretsmanager.ISecret) -> None:
        """Let it log in to PostgreSQL with this secret."""
        database = self._context.data.database
        self.set_variables(
            {
                "DATABASE_HOST": database.instance.db_instance_endpoint_address,
                "DATABASE_PORT": database.instance.db_instance_endpoint_port,
                "DATABASE_NAME": database.name,
                # libpq reads these two itself: the server must prove that it is the one that DATABASE_HOST names.
                "PGSSLMODE": "verify-full",
                "PGSSLROOTCERT": "/var/task/rds-ca.pem",
            }
        )
        database.allow_from(self)
        self.use_secret("DATABASE_SECRET", login)

    def use_cache(self) -> None:
        """Let it log in to Valkey."""
        cache = self._context.data.cache
        self.set_variables({"CACHE_HOST": cache.host, "CACHE_PORT": cache.port})
        cache.allow_from(self)
        self.use_secret("CACHE_SECRET", cache.secret)

    def use_secret(self, variable: str, secret: secretsmanager.ISecret) -> None:
        """Let it read a secret of the data layer."""
        self.set_variables({variable: secret.secret_arn})
        grant_secret_read(secret, key=self._context.data.key, to=self.function)

    def use_key(self, variable: str, key: kms.IKey) -> None:
        """Let it encrypt and decrypt with a key."""
        self.set_variables({variable: key.key_arn})
        self.allow("kms:Decrypt", "kms:Encrypt", on=[key.key_arn])

    def use_queue(self, queue: FluxQueue) -> None:
        """Let it send messages to a queue, whose URL it finds in `<NAME>_QUEUE_URL`."""
        self.set_variables({queue.url_variable: queue.queue.queue_url})
        queue.grant_send(self.function)

    def use_bucket(self, variable: str, bucket: s3.IBucket, *, prefix: str) -> None:
        """Let it read and write the objects of one prefix in a bucket of the data layer."""
        self.set_variables({variable: bucket.bucket_name})
        self.allow("s3:GetObject", "s3:PutObject", on=[bucket.arn_for_objects(f"{prefix}/*")])
        self.allow("kms:Decrypt", "kms:GenerateDataKey", on=[self._context.data.key.key_arn])
        self.use_s3_network()

    def use_s3_network(self) -> None:
        """Let it reach S3, through the gateway endpoint."""
        self._context.network.endpoints.allow_s3_from(self)

    def use_model(self, model: ForecastEndpoint) -> None:
        """Let it ask the forecasting model."""
        self.set_variables({"FORECAST_ENDPOINT": model.name})
        self.allow("sagemaker:InvokeEndpoint", on=[model.arn])

    def use_function(self, variable: str, other: "FluxFunction") -> None:
        """Let it invoke the live version of another function."""
        self.set_variables({variable: other.alias.function_arn})
        self.allow("lambda:InvokeFunction", on=[other.alias.function_arn])

    def use_internet(self, description: str) -> None:
        """Let it leave the VPC, by HTTPS. description: whom it calls; it has no fixed addresses to name here."""
        if not self._context.network.endpoints.through_nat:  # then it may already, and EC2 refuses the same rule twice
            self.connections.allow_to_any_ipv4(ec2.Port.tcp(443), description)

    def add_queue_trigger(self, queue: FluxQueue) -> None:
        """Let a queue start the live version of this worker; a message that fails does so alone.

        Raises:
            TypeError: its size is not a Worker's.
        """
        if not isinstance(self.size, Worker):
            raise TypeError(f"{self.package}: a function that a queue feeds is a Worker in config/functions.py")
        queue.queue.grant_consume_messages(self.alias)
        self.alias.add_event_source_mapping(
            "Queue",
            event_source_arn=queue.queue.queue_arn,
            batch_size=BATCH_SIZE,
            report_batch_item_failures=True,
            max_concurrency=self.size.polled_concurrency,
        )

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


@jsii.implements(IValidation)
class _SettingsAreSet:
    """Compares, when everything is wired, what a function is given with what its Settings declare."""

    def __init__(self, function: str, settings: DeclaredSettings, variables: set[str]) -> None:
        self._function, self._settings, self._variables = function, settings, variables

    def validate(self) -> list[str]:
        """Return a sentence for each variable that is missing or unknown."""
        return [
            f"function {self._function}: {problem}" for problem in self._settings.problems(frozenset(self._variables))
        ]
