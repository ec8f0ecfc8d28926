"""Where releases come from: the repository, and which of its branches is deployed to which environment."""

import re
from dataclasses import dataclass

from .rules import require


@dataclass(frozen=True, kw_only=True)
class Branch:
    """A branch whose every push is deployed.

    name: the branch; its rules on GitHub decide who may push to it.
    environment: name of the environment it is deployed to, and of the environment on GitHub that guards it.
    tried_on: branch on which the same files must have been deployed first, or None if this is where they are tried.
    """

    name: str
    environment: str
    tried_on: str | None = None

    def __post_init__(self) -> None:
        require(
            self.tried_on != self.name,
            "Branch.tried_on",
            self.tried_on,
            "a branch cannot be tried on itself; name the branch before it, or None",
        )


@dataclass(frozen=True, kw_only=True)
class Delivery:
    """How GitHub Actions ships.

    repository: `owner/name` on GitHub. No other repository can take our roles.
    branches: the branches that are deployed.
    previews: name of the environment that pull requests' previews are shaped like, and whose account they live in.
    """

    repository: str
    branches: tuple[Branch, ...]
    previews: str

    def __post_init__(self) -> None:
        # Nothing that IAM or GitHub reads as a pattern: the trust in this name is an exact match.
        require(
            re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9-]*/[A-Za-z0-9._-]+", self.repository) is not None,
            "Delivery.repository",
            self.repository,
            "must be owner/name as GitHub spells it, without wildcards",
        )
        names = [branch.name for branch in self.branches]
        environments = [branch.environment for branch in self.branches]
        require(
            len(set(names)) == len(names) and len(set(environments)) == len(environments),
            "Delivery.branches",
            names,
            "each branch goes to one environment and each environment has one branch",
        )
        require(
            all(branch.tried_on in {None, *names} for branch in self.branches),
            "Delivery.branches",
            [branch.tried_on for branch in self.branches],
            f"tried_on must name one of {', '.join(names)}",
        )

    def branch_of(self, environment: str) -> Branch | None:
        """The branch that is deployed to an environment, if one is."""
        return next((branch for branch in self.branches if branch.environment == environment), None)
