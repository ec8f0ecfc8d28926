"""What git says of the checkout that a command runs in."""

import subprocess
from datetime import datetime
from pathlib import Path

from .origins import UNKNOWN, Origin

_ROOT = Path(__file__).resolve().parents[1]


def checked_out_commit() -> str:
    """Twelve digits, with "-dirty" after them if files have been changed since; "" outside a git repository.

    The same as `scripts/cdk deploy` names its change sets after.
    """
    return _git("describe", "--always", "--exclude", "*", "--abbrev=12", "--dirty")


def origin_of_revision(revision: str | None) -> Origin:
    """The commit that brought a revision of the database.

    Unknown before the first, outside a git repository, and where a shallow clone has forgotten it.
    """
    if not revision or _git("rev-parse", "--is-shallow-repository") != "false":
        return UNKNOWN
    file = f":(glob)lambdas/migrations/versions/r{revision}_*"
    said = _git("log", "--diff-filter=A", "--abbrev=12", "--format=%h %cI %an", "-1", "--", file)
    if not said:
        return UNKNOWN
    commit, moment, author = said.split(maxsplit=2)
    return Origin(made=datetime.fromisoformat(moment), commit=commit, by=author)


def _git(*arguments: str) -> str:
    said = subprocess.run(["git", *arguments], cwd=_ROOT, capture_output=True, text=True, check=False)  # noqa: S603, S607 - the git on PATH
    return said.stdout.strip()
