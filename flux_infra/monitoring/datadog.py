"""What Datadog gets of an environment: its metrics as they come, and a role to read what they are about."""

from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kinesisfirehose as firehose
from aws_cdk import aws_secretsmanager as secretsmanager
from constructs import Construct

from ..config import Datadog, FluxConfig
from ..constructs.bucket import build_bucket, keep
from ..constructs.key import allow_log_groups, build_key
from ..constructs.log_group import build_log_group
from ..constructs.names import log_group_name
from ..constructs.removal import state_removal
from ..constructs.role import ServiceRole
from .objectives import OBJECTIVES

# What objectives and alarms are made of. Every further metric costs money, at AWS and at Datadog (docs/datadog.md).
NAMESPACES = (
    "AWS/ApiGateway",
    "AWS/CloudFront",
    "AWS/ElastiCache",
    "AWS/Events",
    "AWS/Lambda",
    "AWS/RDS",
    "AWS/SQS",
    "AWS/SageMaker",
    "Flux",
)


class DatadogIntegration(Construct):
    """A CloudWatch metric stream through Firehose to Datadog, what Firehose could not deliver, and Datadog's role.

    No function is touched. Firehose reads the API key from Secrets Manager; it stands in no template.

    Attributes:
        role: which Datadog's AWS integration takes; an operator tells Datadog its name.
    """

    def __init__(self, scope: Construct, construct_id: str, *, config: FluxConfig, settings: Datadog) -> None:
        super().__init__(scope, construct_id)
        self._stream_to(self._build_delivery(config, settings))
        self.role = self._build_role(settings)

    def _build_delivery(self, config: FluxConfig, settings: Datadog) -> firehose.DeliveryStream:
        """Metrics that Datadog did not take for a minute are too late for it; they are kept to see why."""
        key = build_key(self, "Key", config=config, description="what Datadog did not take, and its log")
        allow_log_groups(key)
        bucket = build_bucket(
            self,
            "Undelivered",
            lifecycle=keep(days=14, old_versions_days=1),
            removal=state_removal(config),
            key=key,
        )
        log_group = build_log_group(self, "Log", config=config, name=log_group_name(config, "datadog"), key=key)
        role = ServiceRole(self, "DeliveryRole", service="firehose.amazonaws.com")
        # What aws-cdk-lib would grant may delete objects as well, so it gets a role that takes no more grants.
        granted = role.without_policy_updates()
        rights = _delivery_rights(
            bucket=bucket.bucket_arn, key=key.key_arn, log_group=log_group.log_group_arn, secret=settings.key_secret
        )
        policy = iam.ManagedPolicy(self, "DeliveryPolicy", roles=[role], statements=rights)
        logging = firehose.EnableLogging(log_group)
        delivery = firehose.DeliveryStream(
            self,
            "Delivery",
            role=granted,
            encryption=firehose.StreamEncryption.aws_owned_key(),
            destination=firehose.Datadog(
                # From Datadog's own template (aws_streams/streams_single_region.yaml); aws-cdk-lib lists older ones.
                endpoint=firehose.DatadogEndpoint.of(
                    f"https://awsmetrics-intake.{settings.site}/api/v2/awsmetrics?dd-protocol=aws-kinesis-firehose"
                ),
                api_key=secretsmanager.Secret.from_secret_complete_arn(self, "ApiKey", settings.key_secret),
                role=granted,
                logging_config=logging,
                s3_backup=firehose.DestinationS3BackupProps(
                    bucket=bucket,
                    encryption_key=key,
                    compression=firehose.Compression.GZIP,
                    logging_config=logging,
                ),
            ),
        )
        delivery.node.add_dependency(policy)  # which Firehose tries when the stream is made
        return delivery

    def _stream_to(self, delivery: firehose.DeliveryStream) -> None:
        role = ServiceRole(self, "StreamRole", service="streams.metrics.cloudwatch.amazonaws.com")
        may_put = delivery.grant_put_records(role)
        stream = cloudwatch.CfnMetricStream(
            self,
            "Stream",
            firehose_arn=delivery.delivery_stream_arn,
            role_arn=role.role_arn,
            output_format="opentelemetry1.0",  # in 0.7 Datadog may miss metrics, and JSON it does not read
            include_filters=[
                cloudwatch.CfnMetricStream.MetricStreamFilterProperty(namespace=name) for name in NAMESPACES
            ],
            statistics_configurations=_percentiles(),
        )
        may_put.apply_before(stream)

    def _build_role(self, settings: Datadog) -> iam.IRole:
        """Where metrics are streamed, Datadog asks only which streams there are and how resources are tagged."""
        role = iam.Role(
            self,
            "Role",
            assumed_by=iam.AccountPrincipal(settings.aws_account),
            external_ids=[settings.external_id],
        )
        reads = iam.PolicyStatement(
            actions=[
                "cloudwatch:GetMetricData",
                "cloudwatch:GetMetricStream",
                "cloudwatch:ListMetricStreams",
                "cloudwatch:ListMetrics",
                "tag:GetResources",
            ],
            resources=["*"],  # CloudWatch's and the tagging API's reading calls know nothing narrower
        )
        iam.ManagedPolicy(self, "RolePolicy", roles=[role], statements=[reads])
        return role


def _percentiles() -> list[cloudwatch.CfnMetricStream.MetricStreamStatisticsConfigurationProperty]:
    """Return which percentiles the objectives need; percentile ranks, which they are measured by, are not streamed."""
    stream = cloudwatch.CfnMetricStream
    return [
        stream.MetricStreamStatisticsConfigurationProperty(
            additional_statistics=[f"p{objective.target_percent:g}"],
            include_metrics=[
                stream.MetricStreamStatisticsMetricProperty(namespace=series.namespace, metric_name=series.name)
            ],
        )
        for objective in OBJECTIVES
        if (series := objective.measure.good_percent) is not None
    ]


def _delivery_rights(*, bucket: str, key: str, log_group: str, secret: str) -> list[iam.PolicyStatement]:
    """Return what Firehose needs ("Grant Firehose access to an HTTP endpoint destination", Data Firehose guide)."""
    return [
        iam.PolicyStatement(
            actions=["s3:GetBucketLocation", "s3:ListBucket", "s3:ListBucketMultipartUploads"], resources=[bucket]
        ),
        iam.PolicyStatement(
            actions=["s3:AbortMultipartUpload", "s3:GetObject", "s3:PutObject"], resources=[f"{bucket}/*"]
        ),
        iam.PolicyStatement(actions=["kms:Decrypt", "kms:GenerateDataKey"], resources=[key]),
        iam.PolicyStatement(actions=["logs:PutLogEvents"], resources=[log_group]),
        iam.PolicyStatement(actions=["secretsmanager:GetSecretValue"], resources=[secret]),
    ]
