"""Roles that AWS services act in by themselves, made once in an account.

AWS makes each when it is first needed. A first database or cache may be refused while its role is being made, so they
are better made before.
"""

from collections.abc import Iterator
from functools import partial

from botocore.exceptions import ClientError

from .account import Account
from .check import Answer, Check, ok, to_do

# By the service that acts (IAM User Guide, "AWS services that work with IAM").
ROLES = {
    "rds.amazonaws.com": "AWSServiceRoleForRDS",
    "elasticache.amazonaws.com": "AWSServiceRoleForElastiCache",
    "ops.apigateway.amazonaws.com": "AWSServiceRoleForAPIGateway",
    "wafv2.amazonaws.com": "AWSServiceRoleForWAFV2Logging",
}


def checks(account: Account) -> Iterator[Check]:
    """One row for each."""
    for service, role in ROLES.items():
        yield Check(
            what="service-linked role",
            needed=role,
            ask=partial(_role, account, service, role),
        )


def _role(account: Account, service: str, role: str) -> Answer:
    try:
        account.roles.get_role(RoleName=role)
    except ClientError as error:
        if error.response["Error"]["Code"] != "NoSuchEntity":
            raise
        return to_do("not there yet", f"aws iam create-service-linked-role --aws-service-name {service}")
    return ok("there")
