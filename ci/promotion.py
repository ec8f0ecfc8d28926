"""Find the assembly that was tried: `python -m ci.promotion BRANCH TREE`.

Production deploys the very files that staging has run, so they are built once. They are found by the hash of the
source tree, which a merge or a fast-forward leaves as it is. Prints `run-id=<id>` for `$GITHUB_OUTPUT`.
"""

import sys
from collections.abc import Sequence

from .github import GitHub

WORKFLOW = "deploy.yml"


def tried_run(github: GitHub, *, branch: str, tree: str) -> int | None:
    """Return the latest run that deployed this tree from `branch` and succeeded, smoke test included."""
    return github.successful_run(WORKFLOW, branch=branch, tree=tree)


def main(arguments: Sequence[str]) -> int:
    """Print the run; 1 where there is none."""
    branch, tree = arguments
    run = tried_run(GitHub.of_this_job(), branch=branch, tree=tree)
    if run is None:
        sys.stderr.write(
            f"promotion: no successful deployment from '{branch}' had exactly these files (tree {tree}).\n"
            f"Push them to '{branch}' first and let it deploy. In an emergency run this workflow by hand with "
            "'untried' ticked.\n"
        )
        return 1
    sys.stdout.write(f"run-id={run}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
