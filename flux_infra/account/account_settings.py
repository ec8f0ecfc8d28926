"""Settings of the account as a whole."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from aws_cdk import Duration, RemovalPolicy
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_logs as logs
from aws_cdk import custom_resources as cr
from constructs import Construct

from ..config.account_baseline import AccountBaseline
from .names import LOG_GROUPS

type Parameter = str | int | bool | Mapping[str, bool]


@dataclass(frozen=True, kw_only=True)
class Setting:
    """A call that sets one thing, because no resource type of CloudFormation does.

    package, command: of the AWS SDK for JavaScript. action, resource: what the call needs; `*` where the Service
    Authorization Reference knows no resource for it.
    """

    name: str
    package: str
    command: str
    parameters: Mapping[str, Parameter]
    action: str
    resource: str = "*"


class AccountSettings(Construct):
    """Password policy, public access block of S3, EBS encryption by default, security contact; no public snapshots.

    CloudFormation has a resource type for the last one only. The others are set by one function, whose role may make
    these four calls and nothing else. Nothing undoes them when the stack is deleted: an account does not become less
    safe by losing a stack.
    """

    def __init__(self, scope: Construct, construct_id: str, *, baseline: AccountBaseline, key: kms.IKey) -> None:
        super().__init__(scope, construct_id)
        ec2.CfnSnapshotBlockPublicAccess(self, "SnapshotBlock", state="block-all-sharing")  # FSBP EC2.1
        log_group = logs.LogGroup(
            self,
            "Logs",
            log_group_name=f"{LOG_GROUPS}/settings",
            retention=logs.RetentionDays.ONE_YEAR,
            encryption_key=key,
            removal_policy=RemovalPolicy.DESTROY,
        )
        role = iam.Role(
            self,
            "Role",
            description="Sets what CloudFormation cannot: four settings of the account",
            assumed_by=iam.ServicePrincipal("lambda.amazonaws.com"),
        )
        written = log_group.grant_write(role)
        for setting in settings(baseline):
            made = self._make(setting, role=role, log_group=log_group)
            made.node.add_dependency(written)

    def _make(self, setting: Setting, *, role: iam.IRole, log_group: logs.ILogGroup) -> cr.AwsCustomResource:
        call = cr.AwsSdkCall(
            service=setting.package,
            action=setting.command,
            parameters=dict(setting.parameters),
            physical_resource_id=cr.PhysicalResourceId.of(f"flux-account-{setting.name}"),
        )
        return cr.AwsCustomResource(
            self,
            setting.name,
            on_update=call,  # also on creation
            policy=cr.AwsCustomResourcePolicy.from_statements(
                [iam.PolicyStatement(actions=[setting.action], resources=[setting.resource])]
            ),
            role=role,
            log_group=log_group,
            timeout=Duration.minutes(1),
            install_latest_aws_sdk=False,  # the runtime's is new enough, and needs no download
        )


def settings(baseline: AccountBaseline) -> Sequence[Setting]:
    """Return what is set by a call, and the right that the call needs."""
    return (
        Setting(
            name="PasswordPolicy",
            package="@aws-sdk/client-iam",
            command="UpdateAccountPasswordPolicyCommand",
            parameters={  # FSBP IAM.7, IAM.10; CIS 2.8, 2.9
                "MinimumPasswordLength": 14,
                "PasswordReusePrevention": 24,
                "MaxPasswordAge": 90,  # days
                "RequireUppercaseCharacters": True,
                "RequireLowercaseCharacters": True,
                "RequireNumbers": True,
                "RequireSymbols": True,
                "AllowUsersToChangePassword": True,
            },
            action="iam:UpdateAccountPasswordPolicy",
        ),
        Setting(
            name="PublicAccessBlock",
            package="@aws-sdk/client-s3-control",
            command="PutPublicAccessBlockCommand",
            parameters={  # FSBP S3.1; CIS 3.1.4
                "AccountId": baseline.account,
                "PublicAccessBlockConfiguration": {
                    "BlockPublicAcls": True,
                    "IgnorePublicAcls": True,
                    "BlockPublicPolicy": True,
                    "RestrictPublicBuckets": True,
                },
            },
            action="s3:PutAccountPublicAccessBlock",
        ),
        Setting(
            name="EbsEncryption",
            package="@aws-sdk/client-ec2",
            command="EnableEbsEncryptionByDefaultCommand",
            parameters={},  # FSBP EC2.7; CIS 6.1.1
            action="ec2:EnableEbsEncryptionByDefault",
        ),
        Setting(
            name="SecurityContact",
            package="@aws-sdk/client-account",
            command="PutAlternateContactCommand",
            parameters={  # FSBP Account.1; CIS 2.3
                "AlternateContactType": "SECURITY",
                "Name": baseline.contact.name,
                "Title": baseline.contact.title,
                "EmailAddress": baseline.contact.email,
                "PhoneNumber": baseline.contact.phone,
            },
            action="account:PutAlternateContact",
            resource=f"arn:aws:account::{baseline.account}:account",
        ),
    )
