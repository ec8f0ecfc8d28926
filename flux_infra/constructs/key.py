"""Customer-managed encryption keys."""

from aws_cdk import Stack
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from constructs import Construct

from ..config import FluxConfig
from .removal import state_removal


def build_key(scope: Construct, construct_id: str, *, config: FluxConfig, description: str) -> kms.Key:
    """Return a key that rotates every year (FSBP KMS.4) and lives as long as what it encrypts."""
    key = kms.Key(
        scope,
        construct_id,
        description=f"Flux {config.name}: {description}",
        enable_key_rotation=True,
        removal_policy=state_removal(config),
    )
    refuse_grants(key)
    return key


def refuse_grants(key: kms.Key) -> None:
    """Let only AWS services be given grants, to work with what the key is for (AWS Control Tower, CT.KMS.PR.3).

    A grant is a way around the key's policy.
    """
    key.add_to_resource_policy(
        iam.PolicyStatement(
            effect=iam.Effect.DENY,
            principals=[iam.AnyPrincipal()],
            actions=["kms:CreateGrant"],
            resources=["*"],  # in a key policy: this key
            conditions={"BoolIfExists": {"kms:GrantIsForAWSResource": "false", "aws:PrincipalIsAWSService": "false"}},
        )
    )


def allow_log_groups(key: kms.Key) -> None:
    """Let CloudWatch Logs use the key for this account's log groups, and for nothing else.

    The condition is the one of the CloudWatch Logs User Guide, "Encrypt log data using AWS KMS".
    """
    stack = Stack.of(key)
    key.add_to_resource_policy(
        iam.PolicyStatement(
            principals=[iam.ServicePrincipal(f"logs.{stack.region}.amazonaws.com")],
            actions=["kms:Encrypt*", "kms:Decrypt*", "kms:ReEncrypt*", "kms:GenerateDataKey*", "kms:Describe*"],
            resources=["*"],  # in a key policy: this key
            conditions={
                "ArnLike": {
                    "kms:EncryptionContext:aws:logs:arn": f"arn:aws:logs:{stack.region}:{stack.account}:log-group:*"
                }
            },
        )
    )
