"""Who a workflow may be: one AWS role per environment and purpose, trusted for exact subjects of GitHub's.

The names are fixed, so that a workflow derives the role's ARN from the configuration and no repository setting can
point it elsewhere.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from ..config import Delivery, FluxConfig

# deploy: `cdk deploy`. operate: publish the site, roll back, read the status. plan: say what a rollback would change.
# drift: `cdk drift` by schedule. preview: deploy and destroy a pull request's own environment.
Purpose = Literal["deploy", "operate", "plan", "drift", "preview"]

# GitHub environments of their own: production's asks a person first, which nobody answers at night, and who is asked to
# approve a rollback sees its plan before.
DRIFT = "drift"
PLAN = "plan"
PREVIEW = "preview"

# Who signs GitHub's tokens.
ISSUER = "token.actions.githubusercontent.com"

# The qualifier of `cdk bootstrap`; ours is the default one.
BOOTSTRAP = "cdk-hnb659fds"


@dataclass(frozen=True, kw_only=True)
class Identity:
    """One role.

    environment: where it lives; previews share the role in the account of the environment they are shaped like.
    subjects: the `sub` of GitHub's token that may take it, exactly, in the forms that delivery trusts.
    """

    environment: FluxConfig
    purpose: Purpose
    subjects: tuple[str, ...]

    @property
    def role_name(self) -> str:
        """Name of the role, like `flux-prod-deploy`."""
        return f"flux-{self.environment.name}-{self.purpose}"

    @property
    def role_arn(self) -> str:
        """ARN of the role."""
        return f"arn:aws:iam::{self.environment.account}:role/{self.role_name}"


def identities(delivery: Delivery, environments: Iterable[FluxConfig]) -> tuple[Identity, ...]:
    """Return every role that delivery needs, in the order of the environments."""
    found: list[Identity] = []
    for config in environments:
        if delivery.branch_of(config.name) is not None:
            guarded = delivery.subjects(f"environment:{config.name}")
            found += [
                Identity(environment=config, purpose="deploy", subjects=guarded),
                Identity(environment=config, purpose="operate", subjects=guarded),
                Identity(environment=config, purpose="plan", subjects=delivery.subjects(f"environment:{PLAN}")),
                Identity(environment=config, purpose="drift", subjects=delivery.subjects(f"environment:{DRIFT}")),
            ]
        if config.name == delivery.previews:
            subjects = delivery.subjects(f"environment:{PREVIEW}")
            found.append(Identity(environment=config, purpose="preview", subjects=subjects))
    return tuple(found)


def bootstrap_role_arn(config: FluxConfig, kind: Literal["deploy", "file-publishing", "lookup"]) -> str:
    """ARN of one of the roles that `cdk bootstrap` makes and the CDK CLI takes on."""
    return f"arn:aws:iam::{config.account}:role/{BOOTSTRAP}-{kind}-role-{config.account}-{config.region}"


def bootstrap_version_arn(*, account: str, region: str) -> str:
    """ARN of the parameter in which `cdk bootstrap` keeps its version; every template of CDK's asks for it."""
    return f"arn:aws:ssm:{region}:{account}:parameter/cdk-bootstrap/{BOOTSTRAP.removeprefix('cdk-')}/version"
