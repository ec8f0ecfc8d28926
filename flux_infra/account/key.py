"""The one key of the account's records and alerts."""

from aws_cdk import RemovalPolicy
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from constructs import Construct

from ..config.account_baseline import AccountBaseline
from ..constructs.key import allow_log_groups
from .names import change_alarm_name, topic_arn, trail_arn

_USE = ["kms:Decrypt", "kms:GenerateDataKey*"]


class AuditKey(Construct):
    """A rotating key that CloudTrail, Config, CloudWatch and EventBridge may use for this account, and nobody else.

    Attributes:
        key: the key. It stays when the stack goes: without it the records cannot be read.
    """

    def __init__(self, scope: Construct, construct_id: str, *, baseline: AccountBaseline) -> None:
        super().__init__(scope, construct_id)
        self.key = kms.Key(
            self,
            "Key",
            description="Flux: records and alerts of the account",
            enable_key_rotation=True,  # FSBP KMS.4
            removal_policy=RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE,
        )
        allow_log_groups(self.key)
        self._allow_trail(baseline)
        ours = {"StringEquals": {"aws:SourceAccount": baseline.account}}
        alarms = f"arn:aws:cloudwatch:{baseline.region}:{baseline.account}:alarm:{change_alarm_name('*')}"
        self._allow("config", _USE, ours)
        self._allow("cloudwatch", _USE, {**ours, "ArnLike": {"aws:SourceArn": alarms}})
        # Not the source's account: EventBridge does not tell it to an encrypted topic's key ("Enable compatibility
        # between event sources from AWS services and encrypted topics", SNS Developer Guide). The topic asks for it.
        self._allow("events", _USE, {"StringEquals": {"kms:EncryptionContext:aws:sns:topicArn": topic_arn(baseline)}})

    def _allow_trail(self, baseline: AccountBaseline) -> None:
        """Let the trail encrypt ("Configure AWS KMS key policies for CloudTrail", CloudTrail User Guide)."""
        trail = {"StringEquals": {"aws:SourceArn": trail_arn(baseline)}}
        self._allow("cloudtrail", ["kms:DescribeKey"], trail)
        self._allow(
            "cloudtrail",
            _USE,
            trail
            | {
                "StringLike": {
                    "kms:EncryptionContext:aws:cloudtrail:arn": f"arn:aws:cloudtrail:*:{baseline.account}:trail/*"
                }
            },
        )

    def _allow(self, service: str, actions: list[str], conditions: dict[str, dict[str, str]]) -> None:
        self.key.add_to_resource_policy(
            iam.PolicyStatement(
                principals=[iam.ServicePrincipal(f"{service}.amazonaws.com")],
                actions=actions,
                resources=["*"],  # in a key policy: this key
                conditions=conditions,
            )
        )
