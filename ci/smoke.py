"""Whether a deployed environment answers, as its users meet it: `python -m ci.smoke OUTPUTS`.

OUTPUTS is the file that `cdk deploy --outputs-file` wrote; the public address stands in it. Everything goes through
CloudFront, so a mistake at the edge is seen too. What is asked, the probe asks every minute (lambdas/probe/journey.py).
"""

import json
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import cast

from probe.journey import CHECKS, JourneyError, Visitor

# CloudFront serves a new distribution, and a changed key-value store, within minutes ("Deployed" takes 2 to 5).
PATIENCE_SECONDS = 300.0
PAUSE_SECONDS = 5.0
ANSWER_SECONDS = 30.0


class SmokeError(RuntimeError):
    """The environment does not answer as it should; the message says what was asked and what came."""


def smoke(visitor: Visitor, *, patience: float, pause: float, say: Callable[[str], None]) -> None:
    """Make every check, each again until it holds.

    Args:
        visitor: asks the public address.
        patience: seconds for all checks together.
        pause: seconds between two attempts.
        say: told of every check that holds.

    Raises:
        SmokeError: a check does not hold, even after waiting.
    """
    deadline = time.monotonic() + patience
    for name, check in CHECKS.items():
        while True:
            try:
                check(visitor)
                break
            except JourneyError as error:
                if time.monotonic() + pause > deadline:
                    raise SmokeError(str(error)) from error
            time.sleep(pause)
        say(f"smoke: {name}")


def public_address(outputs: Path) -> str:
    """Return the site's address from the outputs of a deployment.

    Raises:
        SmokeError: the deployment has put out none, or several.
    """
    stacks = cast("dict[str, dict[str, str]]", json.loads(outputs.read_text()))
    found = [values["SiteUrl"] for values in stacks.values() if "SiteUrl" in values]
    if len(found) != 1:
        raise SmokeError(
            f"{outputs} holds {len(found)} SiteUrl outputs instead of one; was the Frontend stack deployed?"
        )
    return found[0]


def main(arguments: Sequence[str]) -> int:
    """Check; 0 when all holds, 1 with what does not on stderr."""
    (outputs,) = arguments
    try:
        address = public_address(Path(outputs))
        visitor = Visitor(address, agent="flux-smoke-test", seconds=ANSWER_SECONDS)
        smoke(visitor, patience=PATIENCE_SECONDS, pause=PAUSE_SECONDS, say=lambda line: print(line, flush=True))  # noqa: T201 - a command's answer
    except SmokeError as error:
        sys.stderr.write(f"smoke: {error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
