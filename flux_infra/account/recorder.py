"""What every resource of the account looked like, and when it changed."""

from aws_cdk import aws_config as config
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from constructs import Construct

from ..config.account_baseline import AccountBaseline
from .buckets import RecordBucket


class ConfigurationRecorder(Construct):
    """AWS Config over every resource type, the global ones included, delivered to a bucket of its own.

    Its role is AWS's service-linked one (FSBP Config.1 asks for it). CloudFormation starts the recorder when recorder
    and delivery channel are both there, so neither may wait for the other.
    """

    def __init__(self, scope: Construct, construct_id: str, *, baseline: AccountBaseline, key: kms.IKey) -> None:
        super().__init__(scope, construct_id)
        records = RecordBucket(self, "Records", baseline=baseline, key=key)
        records.accept(
            service="config.amazonaws.com",
            reads=["s3:GetBucketAcl", "s3:ListBucket"],
            conditions={"StringEquals": {"aws:SourceAccount": baseline.account}},
            prefix=f"AWSLogs/{baseline.account}/Config",
        )
        role = iam.CfnServiceLinkedRole(self, "Role", aws_service_name="config.amazonaws.com")
        recorder = config.CfnConfigurationRecorder(
            self,
            "Recorder",
            role_arn=f"arn:aws:iam::{baseline.account}:role/aws-service-role/config.amazonaws.com/AWSServiceRoleForConfig",
            recording_group=config.CfnConfigurationRecorder.RecordingGroupProperty(
                all_supported=True, include_global_resource_types=True
            ),
        )
        recorder.add_resource_dependency(role)
        channel = config.CfnDeliveryChannel(
            self, "Channel", s3_bucket_name=records.bucket.bucket_name, s3_kms_key_arn=key.key_arn
        )
        if records.bucket.policy is not None:
            channel.node.add_dependency(records.bucket.policy)
