"""The commit that this folder is at."""

import subprocess
from pathlib import Path

_ROOT = Path(__file__).resolve().parents[1]


def checked_out_commit() -> str:
    """Twelve digits, with "-dirty" after them if files have been changed since; "" outside a git repository.

    The same as `scripts/cdk deploy` names its change sets after.
    """
    said = subprocess.run(
        ["git", "describe", "--always", "--exclude", "*", "--abbrev=12", "--dirty"],  # noqa: S607 - the git on PATH
        cwd=_ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    return said.stdout.strip()
