"""Where releases come from: the repository, and which of its branches is deployed to which environment."""

import re
from dataclasses import dataclass

from .checked import checked
from .rules import require


@checked
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


@checked
@dataclass(frozen=True, kw_only=True)
class Delivery:
    """How GitHub Actions ships.

    repository: `owner/name` on GitHub. No other repository can take our roles.
    branches: the branches that are deployed.
    previews: name of the environment that pull requests' previews are shaped like, and whose account they live in.
    owner_id, repository_id: the numbers that GitHub gave both, or None for a repository whose tokens do not carry them.
        They do since 15 July 2026 for each repository that is made, renamed or transferred, and for those that opted in
        (GitHub changelog, 23 April 2026). docs/deploy-to-aws.md says how to find them.
    names_suffice: whether tokens without the numbers are trusted as well, while a repository moves from one form to the
        other. Switch it off afterwards: a name can be given up, and taken by somebody else.
    """

    repository: str
    branches: tuple[Branch, ...]
    previews: str
    owner_id: int | None = None
    repository_id: int | None = None
    names_suffice: bool = True

    def __post_init__(self) -> None:
        # Nothing that IAM or GitHub reads as a pattern: the trust in this name is an exact match.
        require(
            re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9-]*/[A-Za-z0-9._-]+", self.repository) is not None,
            "Delivery.repository",
            self.repository,
            "must be owner/name as GitHub spells it, without wildcards",
        )
        ids = {"owner_id": self.owner_id, "repository_id": self.repository_id}
        for field, value in ids.items():
            require(
                value is None or value > 0,
                f"Delivery.{field}",
                value,
                "must be the number that GitHub gave it; gh api repos/OWNER/NAME --jq '[.owner.id, .id]' shows both",
            )
        require(
            (self.owner_id is None) == (self.repository_id is None),
            "Delivery.repository_id",
            self.repository_id,
            f"GitHub names owner_id and repository_id together or not at all; owner_id={self.owner_id!r}",
        )
        require(
            self.names_suffice or self.owner_id is not None,
            "Delivery.names_suffice",
            self.names_suffice,
            "nobody could take the roles; give owner_id and repository_id first",
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

    def subjects(self, context: str) -> tuple[str, ...]:
        """What GitHub writes into the `sub` of a token (GitHub Docs, "OpenID Connect reference"), in each trusted form.

        context: like `environment:prod`.
        """
        by_name = f"repo:{self.repository}:{context}"
        if self.owner_id is None:
            return (by_name,)
        owner, name = self.repository.split("/")
        by_id = f"repo:{owner}@{self.owner_id}/{name}@{self.repository_id}:{context}"
        return (by_id, by_name) if self.names_suffice else (by_id,)

    def branch_of(self, environment: str) -> Branch | None:
        """The branch that is deployed to an environment, if one is."""
        return next((branch for branch in self.branches if branch.environment == environment), None)
