"""Revisions written for a test, in a folder of their own on top of the real ones."""

import shutil
from dataclasses import dataclass
from pathlib import Path

from migrate.revisions import Revisions
from migrate.schema import SCRIPTS


@dataclass(frozen=True, kw_only=True)
class Step:
    """A revision: the SQL that it runs, the SQL that undoes it, and further lines of its module."""

    up: str
    down: str = "SELECT 1"
    marker: str = ""


def on_top(folder: Path, *steps: Step) -> Path:
    """The real revisions, then 9001, 9002, ... for the steps."""
    scripts = folder / "migrations"
    shutil.copytree(SCRIPTS, scripts, ignore=shutil.ignore_patterns("__pycache__"))
    before = Revisions(SCRIPTS).head
    for number, step in enumerate(steps, start=9001):
        (scripts / "versions" / f"r{number}_test.py").write_text(
            f'"""Test {number}."""\n\n'
            "from alembic import op\n\n"
            "from migrations.phases import Contract, refuse\n\n"
            f'revision = "{number}"\ndown_revision = "{before}"\n{step.marker}\n\n'
            f"def upgrade() -> None:\n    op.execute({step.up!r})\n\n\n"
            f"def downgrade() -> None:\n    op.execute({step.down!r})\n"
        )
        before = str(number)
    return scripts
