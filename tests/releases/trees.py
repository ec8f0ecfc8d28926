"""The previous release's source in which its code meets another schema, and pytest run inside it."""

import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from schema.previous import ROOT, previous_release, unpack

# What reads or writes the database as the functions do.
TESTS = ("test_api*.py", "test_sync*.py", "test_forecast*.py", "test_tenant*.py")

# What lists the objects of the database says what a release has, and not what its code needs.
INVENTORIES = (
    "test_every_table_of_a_tenant_forces_row_level_security",
    "test_only_the_listed_lookups_run_with_other_rights_and_all_fix_their_search_path",
    "test_the_lookup_role_sees_only_the_columns_that_its_functions_answer_from",
)

# Variables of the pytest that runs this, which are none of the other one's business.
OUR_OWN = {"PYTHONPATH", "PYTEST_ADDOPTS", "PYTEST_CURRENT_TEST"}

_REVISION_TEST = """
from .support.platform import Platform


def test_the_schema_is_the_other_releases(platform: Platform) -> None:
    with platform.connect_as_owner() as connection:
        assert connection.execute("SELECT version_num FROM alembic_version").fetchone() == ({revision!r},)
"""


@dataclass(frozen=True, kw_only=True)
class Run:
    """A finished run of pytest."""

    passed: bool
    output: str


def previous_tree(folder: Path) -> Path:
    """The previous release, as it was."""
    folder.mkdir()
    unpack(previous_release(), folder)
    (folder / ".build").symlink_to(ROOT / ".build")
    return folder


def use_schema(tree: Path, *, migrations: Path, revision: str) -> None:
    """Let the tree's tests run on the schema that `migrations` makes, whose newest revision is `revision`."""
    target = tree / "lambdas" / "migrations"
    shutil.rmtree(target)
    shutil.copytree(migrations, target, ignore=shutil.ignore_patterns("__pycache__"))
    (tree / "tests/lambdas/test_which_schema.py").write_text(_REVISION_TEST.format(revision=revision))


def run(tree: Path, tests: Sequence[str] = TESTS) -> Run:
    """Run the tree's tests of the database's users, with its own code, in its own process."""
    folder = tree / "tests" / "lambdas"
    files = [folder / "test_which_schema.py", *sorted(file for pattern in tests for file in folder.glob(pattern))]
    others = ("-k", f"not ({' or '.join(INVENTORIES)})")
    finished = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "--tb=short", "-p", "no:cacheprovider", *others, *map(str, files)],
        cwd=tree,
        check=False,
        env={name: value for name, value in os.environ.items() if name not in OUR_OWN},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    return Run(passed=finished.returncode == 0, output=finished.stdout)
