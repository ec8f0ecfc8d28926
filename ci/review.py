"""Comment on a pull request what it would change: `python -m ci.review NUMBER FOLDER`.

FOLDER holds one `<environment>.txt` per environment, each the output of `cdk diff --no-color`. Ends with 1 while
something that holds state would go and the pull request has no label that approves it.
"""

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from flux_infra.delivery.identities import identities
from flux_infra.environments import DELIVERY, environments

from .comment import APPROVAL, MARKER, Report, render
from .difference import UnreadableDifferenceError, read_difference
from .github import GitHub


def review(github: GitHub, number: int, reports: Mapping[str, Report]) -> bool:
    """Write the comment; return whether the pull request may be merged as far as its changes go."""
    approved = APPROVAL in github.labels(number)
    github.put_comment(number, marker=MARKER, body=render(reports, approved=approved))
    return approved or not any(report.destructive for report in reports.values())


def read_reports(folder: Path, expected: Sequence[str]) -> dict[str, Report]:
    """Read the report of every expected environment.

    Raises:
        UnreadableDifferenceError: one is missing, or is not a report of `cdk diff`.
    """
    written = {path.stem: path for path in folder.rglob("*.txt")}
    reports: dict[str, Report] = {}
    for name in expected:
        if name not in written:
            raise UnreadableDifferenceError(
                f"{name}: no report in {folder}; its job did not run. For a fork, a member of the team pushes the "
                "branch to this repository"
            )
        text = written[name].read_text()
        try:
            reports[name] = Report(text=text, changes=read_difference(text))
        except UnreadableDifferenceError as error:
            raise UnreadableDifferenceError(f"{name}: {error}") from error
    return reports


def main(arguments: Sequence[str]) -> int:
    """Comment; 0 when nothing blocks, 1 when a label is missing or a report cannot be read."""
    number, folder = arguments
    expected = [i.environment.name for i in identities(DELIVERY, environments()) if i.purpose == "review"]
    try:
        reports = read_reports(Path(folder), expected)
    except UnreadableDifferenceError as error:
        sys.stderr.write(f"review: {error}\n")
        return 1
    if review(GitHub.of_this_job(), int(number), reports):
        return 0
    sys.stderr.write(f"review: this deletes or replaces what holds state; the label {APPROVAL} is missing\n")
    return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
