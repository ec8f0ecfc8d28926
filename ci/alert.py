"""Open an alert on GitHub that people are told of: `python -m ci.alert FOLDER RUN_URL`.

FOLDER holds one `<environment>.txt` per environment that has drifted, each the output of `cdk drift`.
"""

import re
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from .github import GitHub

LABEL = "drift"
# GitHub takes 65,536 characters of text in all, and 256 of a title.
_LONGEST = 50_000  # of reports
_LONGEST_TITLE = 250


def describe(drifted: Mapping[str, str], *, run_url: str) -> tuple[str, str]:
    """Return the alert's title and text."""
    names = ", ".join(drifted)
    room = _LONGEST // len(drifted)
    sections = [f"### {name}\n\n````text\n{_framed(text)[:room]}\n````" for name, text in drifted.items()]
    body = (
        "Somebody, or something, changed resources without CloudFormation. The next deployment may undo it or fail.\n\n"
        "Find out who in CloudTrail. Then either write the change into the code and deploy it, or undo it with "
        f"`cdk deploy --revert-drift`.\n\n[The run that found it]({run_url})"
    )
    return f"Drift in {names}"[:_LONGEST_TITLE], "\n\n".join([body, *sections])


def _framed(text: str) -> str:
    """The text without anything that would end its frame."""
    return re.sub("`{3,}", "``", text.strip())


def main(arguments: Sequence[str]) -> int:
    """Open the alert, or add to the open one; 1 because drift is a failure."""
    folder, run_url = arguments
    drifted = {path.stem: path.read_text() for path in sorted(Path(folder).rglob("*.txt"))}
    if not drifted:
        # The detecting job failed before it could say anything: that must not look like "no drift".
        drifted = {"unknown": "The detection itself failed; read the run."}
    title, body = describe(drifted, run_url=run_url)
    number = GitHub.of_this_job().raise_alert(label=LABEL, title=title, body=body)
    sys.stderr.write(f"alert: {title}: issue {number}\n")
    return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
