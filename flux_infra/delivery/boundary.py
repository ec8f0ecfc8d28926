"""The most that a delivery role can ever do, whatever policy somebody attaches to it.

A boundary grants nothing; it takes away. What is denied here is what turns a little power into more: writing IAM,
taking other roles than CDK's, changing code that runs with a stronger role, and reading data or secrets.
"""

from aws_cdk import aws_iam as iam
from constructs import Construct

from .identities import BOOTSTRAP, bootstrap_version_arn

BOUNDARY_NAME = "flux-delivery-boundary"

# Every verb of IAM that writes (Service Authorization Reference, "AWS Identity and Access Management").
IAM_WRITES = tuple(
    f"iam:{verb}*"
    for verb in (
        "Add",
        "Attach",
        "Change",
        "Create",
        "Deactivate",
        "Delete",
        "Detach",
        "Disable",
        "Enable",
        "Pass",
        "Put",
        "Remove",
        "Reset",
        "Resync",
        "Set",
        "Tag",
        "Untag",
        "Update",
        "Upload",
    )
)

# What runs code as a role of its own choosing.
RUNS_AS_ANOTHER = (
    "cloudformation:CreateStack*",
    "cloudformation:SetStackPolicy",
    "cloudformation:UpdateStack*",
    "codebuild:*",
    "ec2:AssociateIamInstanceProfile",
    "ec2:RunInstances",
    "ecs:RunTask",
    "glue:*",
    "lambda:AddPermission",
    "lambda:CreateFunction*",
    "lambda:PublishLayerVersion",
    "lambda:UpdateFunctionCode",
    "lambda:UpdateFunctionConfiguration",
    "sagemaker:CreatePresigned*",
    "sagemaker:CreateNotebookInstance",
    "ssm:SendCommand",
    "ssm:StartSession",
    "states:*",
)

READS_SECRETS = (
    "kms:CreateGrant",
    "kms:PutKeyPolicy",
    "rds-data:*",
    "rds-db:connect",
    "secretsmanager:*SecretValue",
    "sqs:ReceiveMessage",
)


# A rollback writes into the deployed templates what it did; these are the stacks it may write to.
AMENDED_STACKS = ("Flux-*-Compute", "Flux-*-Ml")


def build_boundary(scope: Construct, *, account: str, region: str) -> iam.ManagedPolicy:
    """Return the permission boundary of one account's delivery roles.

    A rollback sends CloudFormation a template, which CloudFormation reads as the caller: from the bucket of
    `cdk bootstrap`, encrypted with S3's key, and with the version of the bootstrap among its parameters. So these two
    are not denied, and nothing else of their kind is open.
    """
    return iam.ManagedPolicy(
        scope,
        "Boundary",
        managed_policy_name=BOUNDARY_NAME,  # without a description, which could never be changed
        statements=[
            iam.PolicyStatement(sid="WhatPoliciesGrant", actions=["*"], resources=["*"]),
            _deny("NoIdentities", *IAM_WRITES, "organizations:*", "account:*", "sso:*", "sso-directory:*"),
            iam.PolicyStatement(
                sid="NoRolesButThoseOfCdk",
                effect=iam.Effect.DENY,
                actions=["sts:AssumeRole*", "sts:GetFederationToken", "sts:AssumeRoot"],
                not_resources=[f"arn:aws:iam::{account}:role/{BOOTSTRAP}-*"],
            ),
            _deny("NoCodeThatRunsAsAnother", *RUNS_AS_ANOTHER),
            iam.PolicyStatement(
                sid="NoStacksButThoseOfReleases",
                effect=iam.Effect.DENY,
                actions=["cloudformation:CreateChangeSet", "cloudformation:ExecuteChangeSet"],
                not_resources=[f"arn:aws:cloudformation:*:{account}:stack/{stack}/*" for stack in AMENDED_STACKS],
            ),
            _deny("NoSecrets", *READS_SECRETS),
            iam.PolicyStatement(
                sid="NoDecryptionButOfFiles",
                effect=iam.Effect.DENY,
                actions=["kms:Decrypt"],
                resources=["*"],
                # Which files is decided below. True also where nothing is named, as for a call to KMS itself.
                conditions={"StringNotEquals": {"kms:ViaService": f"s3.{region}.amazonaws.com"}},
            ),
            iam.PolicyStatement(
                sid="NoParametersButTheBootstraps",
                effect=iam.Effect.DENY,
                actions=["ssm:GetParameter*"],
                not_resources=[bootstrap_version_arn(account=account, region=region)],
            ),
            iam.PolicyStatement(
                sid="NoData",
                effect=iam.Effect.DENY,
                actions=["s3:GetObject*"],
                # The published site is public anyway, and publishing reads back what it wrote. CloudFormation reads
                # a template that a rollback amends with the rights of whoever sent it.
                not_resources=[
                    "arn:aws:s3:::flux-*-frontend-*/*",
                    f"arn:aws:s3:::{BOOTSTRAP}-assets-{account}-*/flux-ops/*",
                ],
            ),
            _deny("NoSilence", "cloudtrail:DeleteTrail", "cloudtrail:StopLogging", "cloudtrail:UpdateTrail"),
        ],
    )


def _deny(sid: str, *actions: str) -> iam.PolicyStatement:
    return iam.PolicyStatement(sid=sid, effect=iam.Effect.DENY, actions=list(actions), resources=["*"])
