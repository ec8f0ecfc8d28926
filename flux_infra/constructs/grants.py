"""Permissions on what another stack owns, written on the receiver's side alone."""

from aws_cdk import Stack
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_secretsmanager as secretsmanager


def grant_secret_read(secret: secretsmanager.ISecret, *, key: kms.IKey, to: iam.IGrantable) -> None:
    """Let `to` read one secret, and use its key only through Secrets Manager.

    `secret.grant_read` would also name the receiver in the key's policy, and so make the key's stack depend on the
    receiver's, which depends on it.
    """
    iam.Grant.add_to_principal(grantee=to, actions=["secretsmanager:GetSecretValue"], resource_arns=[secret.secret_arn])
    iam.Grant.add_to_principal(
        grantee=to,
        actions=["kms:Decrypt"],
        resource_arns=[key.key_arn],
        conditions=_through_secrets_manager(secret),
    )


def grant_secret_rotation(secret: secretsmanager.ISecret, *, key: kms.IKey, to: iam.IGrantable) -> None:
    """Let `to` read one secret, give it new versions and move its labels.

    Source: Secrets Manager User Guide, "Lambda rotation function execution role permissions". Without
    GetRandomPassword, which knows no narrower resource than all: values are made in the function.
    """
    grant_secret_read(secret, key=key, to=to)
    iam.Grant.add_to_principal(
        grantee=to,
        actions=[
            "secretsmanager:DescribeSecret",
            "secretsmanager:PutSecretValue",
            "secretsmanager:UpdateSecretVersionStage",
        ],
        resource_arns=[secret.secret_arn],
    )
    iam.Grant.add_to_principal(
        grantee=to,
        actions=["kms:GenerateDataKey"],
        resource_arns=[key.key_arn],
        conditions=_through_secrets_manager(secret),
    )


def _through_secrets_manager(secret: secretsmanager.ISecret) -> dict[str, dict[str, str]]:
    return {"StringEquals": {"kms:ViaService": f"secretsmanager.{Stack.of(secret).region}.amazonaws.com"}}
