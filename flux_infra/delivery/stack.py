"""The trust between GitHub Actions and one AWS account: an identity provider, roles, and their permission boundary.

A stack apart from the environments, because it decides who may deploy them: an administrator deploys it by hand, and
no workflow can change it.
"""

from collections.abc import Sequence

from aws_cdk import Duration, Environment, Stack, Tags
from aws_cdk import aws_iam as iam
from constructs import Construct

from .boundary import build_boundary
from .identities import ISSUER, Identity
from .permissions import managed_policies, statements

AUDIENCE = "sts.amazonaws.com"
STACK_NAME = "Flux-delivery"


class DeliveryStack(Stack):
    """`Flux-delivery` of one account, with the roles of every environment that lives there."""

    def __init__(self, scope: Construct, *, identities: Sequence[Identity]) -> None:
        account, region = identities[0].environment.account, identities[0].environment.region
        names = sorted({identity.environment.name for identity in identities})
        super().__init__(
            scope,
            "-".join([STACK_NAME, *names]),
            stack_name=STACK_NAME,
            env=Environment(account=account, region=region),
            description=f"Flux: what GitHub Actions may do in the account of {', '.join(names)}",
            termination_protection=True,
        )
        Tags.of(self).add("Application", "flux")
        Tags.of(self).add("Layer", "delivery")
        provider = iam.OidcProviderNative(self, "GitHub", url=f"https://{ISSUER}", client_ids=[AUDIENCE])
        boundary = build_boundary(self, account=account, region=region)
        for identity in identities:
            role = iam.Role(
                self,
                f"{identity.environment.name.capitalize()}{identity.purpose.capitalize()}",
                role_name=identity.role_name,
                description=f"GitHub Actions: {identity.purpose} {identity.environment.name}",
                # StringEquals: with StringLike one '*' in a name would open the role to other repositories.
                assumed_by=iam.WebIdentityPrincipal(
                    provider.oidc_provider_arn,
                    {"StringEquals": {f"{ISSUER}:aud": AUDIENCE, f"{ISSUER}:sub": _one_of(identity.subjects)}},
                ),
                permissions_boundary=boundary,
                managed_policies=[
                    iam.ManagedPolicy.from_aws_managed_policy_name(name) for name in managed_policies(identity)
                ],
                # A first deployment waits half an hour for RDS and CloudFront, and then for canaries.
                max_session_duration=Duration.hours(2),
            )
            iam.Policy(
                self,
                f"{role.node.id}Policy",
                policy_name=identity.purpose,
                statements=statements(identity),
                roles=[role],
            )


def _one_of(values: Sequence[str]) -> str | list[str]:
    """Return what a condition writes for "one of these"."""
    return values[0] if len(values) == 1 else list(values)
