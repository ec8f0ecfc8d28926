"""Who may talk to AWS Support about an incident."""

from aws_cdk import Duration
from aws_cdk import aws_iam as iam
from constructs import Construct


def build_support_role(scope: Construct, construct_id: str, *, account: str) -> iam.Role:
    """Return the role `flux-account-support` (CIS 2.15), for people of this account who signed in with two factors.

    CIS looks for AWS's own policy on it by name, so this one is not replaced by one of ours.
    """
    return iam.Role(
        scope,
        construct_id,
        role_name="flux-account-support",
        description="Open and follow cases with AWS Support during an incident",
        assumed_by=iam.AccountPrincipal(account).with_conditions({"Bool": {"aws:MultiFactorAuthPresent": "true"}}),
        managed_policies=[iam.ManagedPolicy.from_aws_managed_policy_name("AWSSupportAccess")],
        max_session_duration=Duration.hours(4),
    )
