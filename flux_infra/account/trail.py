"""Who did what in the account."""

from aws_cdk import RemovalPolicy
from aws_cdk import aws_cloudtrail as cloudtrail
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_logs as logs
from constructs import Construct

from ..config.account_baseline import AccountBaseline
from .buckets import RecordBucket
from .names import LOG_GROUPS, TRAIL, trail_arn

_Selector = cloudtrail.CfnTrail.AdvancedEventSelectorProperty
_Field = cloudtrail.CfnTrail.AdvancedFieldSelectorProperty


class AuditTrail(Construct):
    """CloudTrail over all regions: encrypted, validated, in S3 for its days and in a log group for alarms.

    Not the library's Trail: its grants name no source, and it knows no advanced selectors.

    Attributes:
        log_group: every recorded event, for a year.
    """

    def __init__(self, scope: Construct, construct_id: str, *, baseline: AccountBaseline, key: kms.IKey) -> None:
        super().__init__(scope, construct_id)
        records = RecordBucket(self, "Records", baseline=baseline, key=key)
        records.accept(
            service="cloudtrail.amazonaws.com",
            reads=["s3:GetBucketAcl"],
            conditions={"StringEquals": {"aws:SourceArn": trail_arn(baseline)}},
            prefix=f"AWSLogs/{baseline.account}",
        )
        self.log_group = logs.LogGroup(
            self,
            "Logs",
            log_group_name=f"{LOG_GROUPS}/trail",
            retention=logs.RetentionDays.ONE_YEAR,
            encryption_key=key,
            removal_policy=RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE,
        )
        role = iam.Role(
            self,
            "Role",
            description="CloudTrail: write the account's events to their log group",
            # No condition on the trail: CloudTrail's guide names none for this role, and only who may pass the role in
            # this account can give it to a trail.
            assumed_by=iam.ServicePrincipal("cloudtrail.amazonaws.com"),
        )
        granted = self.log_group.grant_write(role)
        trail = cloudtrail.CfnTrail(
            self,
            "Trail",
            trail_name=TRAIL,
            is_logging=True,
            is_multi_region_trail=True,  # FSBP CloudTrail.1
            include_global_service_events=True,
            enable_log_file_validation=True,  # FSBP CloudTrail.4
            kms_key_id=key.key_arn,  # FSBP CloudTrail.2
            s3_bucket_name=records.bucket.bucket_name,
            cloud_watch_logs_log_group_arn=self.log_group.log_group_arn,  # FSBP CloudTrail.5
            cloud_watch_logs_role_arn=role.role_arn,
            advanced_event_selectors=_selectors(baseline, records),
        )
        trail.node.add_dependency(granted)
        if records.bucket.policy is not None:  # CloudTrail tries to write before it says that it is there
            trail.node.add_dependency(records.bucket.policy)


def _selectors(baseline: AccountBaseline, records: RecordBucket) -> list[_Selector]:
    selectors = [
        _Selector(
            name="Every management event", field_selectors=[_Field(field="eventCategory", equal_to=["Management"])]
        )
    ]
    if baseline.record_objects is True:
        # Without the exception each delivered record would be an event that is delivered again.
        own = [records.bucket.arn_for_objects(""), records.access_logs.arn_for_objects("")]
        selectors.append(
            _Selector(
                name="Reading and writing objects of S3",
                field_selectors=[
                    _Field(field="eventCategory", equal_to=["Data"]),
                    _Field(field="resources.type", equal_to=["AWS::S3::Object"]),
                    _Field(field="resources.ARN", not_starts_with=own),
                ],
            )
        )
    return selectors
