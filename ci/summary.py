"""Say on a run's page where what it has deployed answers: `python -m ci.summary ENVIRONMENT OUTPUTS`.

OUTPUTS is the file that `cdk deploy --outputs-file` wrote. Writes into $GITHUB_STEP_SUMMARY, and prints `url=<address>`
for $GITHUB_OUTPUT, which GitHub shows beside the deployment.
"""

import os
import sys
from collections.abc import Sequence
from pathlib import Path

from .smoke import SmokeError, public_address


def page(environment: str, address: str, *, commit: str) -> str:
    """Return what a person reads."""
    lines = [f"## {environment}", f"<{address}>", f"Made from commit `{commit}`."]
    if environment.startswith("pr-"):
        opening = f"./flux open-restaurant --env {environment} --name NAME --time-zone ZONE --owner-email ADDRESS"
        lines += [
            f"Nobody can sign in before a restaurant is open: `{opening}`",
            "It goes when the pull request is closed or loses the label `preview`.",
        ]
    return "\n\n".join(lines) + "\n\n"


def main(arguments: Sequence[str]) -> int:
    """Write it; 1 where the deployment has put out no address."""
    environment, outputs = arguments
    try:
        address = public_address(Path(outputs))
    except SmokeError as error:
        sys.stderr.write(f"summary: {error}\n")
        return 1
    with Path(os.environ["GITHUB_STEP_SUMMARY"]).open("a") as summary:
        summary.write(page(environment, address, commit=os.environ["GITHUB_SHA"][:12]))
    sys.stdout.write(f"url={address}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
