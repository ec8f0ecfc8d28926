"""Comment on a pull request what it would change: `python -m ci.review NUMBER TEMPLATES SURFACE COST`.

TEMPLATES is what the pull request synthesizes to, SURFACE and COST are policy/surface and cost/accepted.json of the
branch that it goes into. Needs no account. Ends with 1 while something that holds state would go and the pull request
has no label that approves it.
"""

import sys
from collections.abc import Sequence
from pathlib import Path

import httpx

from policy.accepted import from_accepted
from policy.assembly import AssemblyError, read_stages
from policy.changes.rows import Row
from policy.facts.surface import surface

from .comment import APPROVAL, MARKER, destructive, render
from .costs import costs
from .github import GitHub


def review(github: GitHub, number: int, rows: Sequence[Row], *, unaccepted: Sequence[str] = (), cost: str = "") -> bool:
    """Write the comment; return whether the pull request may be merged as far as its changes go."""
    approved = APPROVAL in github.labels(number)
    body = render(rows, unaccepted=unaccepted, approved=approved, costs=cost)
    github.put_comment(number, marker=MARKER, body=body)
    return approved or not destructive(rows)


def main(arguments: Sequence[str]) -> int:
    """Comment; 0 when nothing blocks, 1 when a label is missing, or templates or the comment are refused."""
    number, templates, accepted, accepted_cost = arguments
    try:
        stages = read_stages(Path(templates))
    except AssemblyError as error:
        sys.stderr.write(f"review: {error}\n")
        return 1
    surfaces = {name: surface(stacks) for name, stacks in stages.items()}
    rows, unaccepted = from_accepted(surfaces, Path(accepted))
    sys.stdout.writelines(f"{row}\n" for row in rows)
    cost = costs(stages, Path(accepted_cost))
    try:
        mergeable = review(GitHub.of_this_job(), int(number), rows, unaccepted=unaccepted, cost=cost)
    except httpx.HTTPStatusError as error:
        sys.stderr.write(
            f"review: GitHub refused the comment ({error.response.status_code}); for a fork, a member of the team "
            "pushes the branch to this repository\n"
        )
        return 1
    if not mergeable:
        sys.stderr.write(f"review: this deletes or replaces what holds state; the label {APPROVAL} is missing\n")
    return 0 if mergeable else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
