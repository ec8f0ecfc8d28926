"""What a workflow is about to act on, from the configuration alone: `python -m ci.plan`.

    plan branch NAME       where a branch is deployed, and as whom
    plan environment NAME  who may operate an environment
    plan preview NUMBER    a pull request's preview
    plan previews          where all previews are, and as whom
    plan drift             every environment to look at, as a matrix

Prints `name=value` lines for `$GITHUB_OUTPUT`. Needs nothing but Python, so that a job can plan before it installs.
"""

import json
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from flux_infra.config import ConfigError, Delivery, FluxConfig
from flux_infra.delivery.identities import Identity, Purpose, identities
from flux_infra.environments import DELIVERY, environments


@dataclass(frozen=True, kw_only=True)
class Planner:
    """Answers a workflow's questions from one configuration."""

    delivery: Delivery
    environments: Sequence[FluxConfig]

    def branch(self, name: str) -> dict[str, str]:
        """Where a branch is deployed, with which role, and where the same files must have been tried first.

        Raises:
            ConfigError: the branch is not deployed anywhere.
        """
        branch = next((branch for branch in self.delivery.branches if branch.name == name), None)
        if branch is None:
            known = ", ".join(branch.name for branch in self.delivery.branches)
            raise ConfigError(f"branch={name!r}: not deployed anywhere; the branches that are: {known}")
        return {
            **self.environment(branch.environment),
            "deploy-role": self._identity("deploy", branch.environment).role_arn,
            "tried-on": branch.tried_on or "",
        }

    def environment(self, name: str) -> dict[str, str]:
        """Which role operates an environment, and which only sees it.

        Raises:
            ConfigError: no branch is deployed there, so no workflow may operate it.
        """
        identity = self._identity("operate", name)
        return {
            "environment": name,
            "region": identity.environment.region,
            "operate-role": identity.role_arn,
            "plan-role": self._identity("plan", name).role_arn,
        }

    def preview(self, number: str) -> dict[str, str]:
        """The preview of a pull request.

        Raises:
            ConfigError: `number` is not a number.
        """
        return {"preview": environments(preview=f"pr-{number}")[-1].name, **self.previews()}

    def previews(self) -> dict[str, str]:
        """Where the previews are, and which role deploys and destroys them."""
        identity = self._identity("preview", self.delivery.previews)
        return {"region": identity.environment.region, "role": identity.role_arn}

    def matrix(self, purpose: Purpose) -> dict[str, str]:
        """Every environment that one purpose looks at, as the value of a job's `matrix.include`."""
        rows = [
            {
                "environment": identity.environment.name,
                "region": identity.environment.region,
                "role": identity.role_arn,
            }
            for identity in identities(self.delivery, self.environments)
            if identity.purpose == purpose
        ]
        return {"include": json.dumps(rows)}

    def _identity(self, purpose: Purpose, environment: str) -> Identity:
        for identity in identities(self.delivery, self.environments):
            if (identity.purpose, identity.environment.name) == (purpose, environment):
                return identity
        raise ConfigError(f"environment={environment!r}: no workflow may {purpose} it; see Delivery.branches")


def main(arguments: Sequence[str]) -> int:
    """Print what was asked for; 2 with the reason on stderr where there is no answer."""
    planner = Planner(delivery=DELIVERY, environments=environments())
    try:
        outputs = _answer(planner, arguments)
    except ConfigError as error:
        sys.stderr.write(f"plan: {error}\n")
        return 2
    sys.stdout.writelines(f"{name}={value}\n" for name, value in outputs.items())
    return 0


def _answer(planner: Planner, arguments: Sequence[str]) -> Mapping[str, str]:
    match arguments:
        case ["branch", name]:
            return planner.branch(name)
        case ["environment", name]:
            return planner.environment(name)
        case ["preview", number]:
            return planner.preview(number)
        case ["previews"]:
            return planner.previews()
        case ["drift"]:
            return planner.matrix("drift")
        case _:
            raise ConfigError(f"arguments={list(arguments)!r}: see the top of ci/plan.py")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
