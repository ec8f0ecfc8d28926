"""Source trees in which one release's code meets another release's schema, and pytest run inside them."""

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
    return _with_tools(folder)


def this_tree(folder: Path) -> Path:
    """This tree's code and tests, as they stand in the working folder."""
    folder.mkdir()
    for name in ("build", "flux_infra", "lambdas", "local", "model", "ops", "tests"):
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__", "snapshots"))
    shutil.copy(ROOT / "pyproject.toml", folder)
    return _with_tools(folder)


def use_schema(tree: Path, *, migrations: Path, versions: Path, revision: str) -> None:
    """Let a tree's tests run on the schema that `versions` makes, whose newest revision is `revision`.

    migrations: Alembic's surroundings, from the newer of the two releases: its revisions may need what is new there.
    """
    target = tree / "lambdas" / "migrations"
    shutil.rmtree(target, ignore_errors=True)
    ignored = shutil.ignore_patterns("versions", "__pycache__")
    shutil.copytree(migrations, target, ignore=ignored)
    shutil.copytree(versions, target / "versions", ignore=ignored)
    (tree / "tests/lambdas/test_which_schema.py").write_text(_REVISION_TEST.format(revision=revision))


def start(tree: Path, tests: Sequence[str] = TESTS) -> subprocess.Popen[str]:
    """Begin to run a tree's tests of the database's users, with its own code, in its own process."""
    folder = tree / "tests" / "lambdas"
    files = [folder / "test_which_schema.py", *sorted(file for pattern in tests for file in folder.glob(pattern))]
    return subprocess.Popen(
        [sys.executable, "-m", "pytest", "-q", "--tb=short", "-p", "no:cacheprovider", *map(str, files)],
        cwd=tree,
        env={name: value for name, value in os.environ.items() if name not in OUR_OWN},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def finish(process: subprocess.Popen[str]) -> Run:
    output, _ = process.communicate()
    return Run(passed=process.returncode == 0, output=output)


def _with_tools(tree: Path) -> Path:
    (tree / ".build").symlink_to(ROOT / ".build")
    return tree
