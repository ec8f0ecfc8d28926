"""What a function's code imports, installed for the Lambda runtime from uv.lock."""

import shutil
import sys
from collections.abc import Sequence
from pathlib import Path

from . import tools
from .errors import BuildError

# Lambda's python3.13 runtime is Amazon Linux 2023 (glibc 2.34) on x86_64: wheels for glibc up to 2.28 run there.
PLATFORM = "x86_64-manylinux_2_28"
PYTHON = (3, 13)

# Where Lambda unpacks a bundle. Bytecode names its source there in tracebacks, wherever it was compiled.
TASK_ROOT = "/var/task"

# The AWS services the functions call. botocore carries descriptions of over 400 services, 28 MB of a bundle;
# asking for one that is not here raises botocore's UnknownServiceError.
AWS_SERVICES = frozenset(
    {
        "cloudfront",
        "codedeploy",
        "elasticache",
        "kms",
        "lambda",
        "rds",
        "sagemaker-runtime",
        "secretsmanager",
        "sqs",
    }
)

# How a distribution got here: differs between installers. METADATA and entry_points.txt stay: they are read later.
INSTALLATION_RECORDS = ("RECORD", "INSTALLER", "REQUESTED", "direct_url.json", "uv_cache.json")


def requirements(groups: Sequence[str]) -> str:
    """Dependency groups of pyproject.toml as uv.lock pins them, with hashes: the whole input of an installation."""
    return tools.run(
        [
            *[*tools.uv(), "export", "--locked", "--quiet"],
            *(f"--only-group={group}" for group in groups),
            *["--no-emit-project", "--no-header", "--no-annotate"],
        ],
        what=f"Reading dependency groups {', '.join(groups)} from uv.lock",
        remedy="If pyproject.toml was edited, run `uv lock`.",
    )


def install(pinned: str, folder: Path) -> None:
    """Install pinned requirements into an empty folder, for Lambda whatever this machine is, and compile them."""
    listing = folder / "requirements.txt"
    listing.write_text(pinned)
    tools.run(
        [
            *[*tools.uv(), "pip", "install", "--quiet", "--target", str(folder), "--requirement", str(listing)],
            *[
                "--python",
                sys.executable,
                "--python-version",
                ".".join(map(str, PYTHON)),
                "--python-platform",
                PLATFORM,
            ],
            *["--only-binary", ":all:", "--no-deps", "--require-hashes"],
            *["--link-mode", "copy"],  # not links into uv's cache: the files' modes are changed afterwards
        ],
        what="Installing the functions' dependencies",
        remedy="Every dependency needs a wheel for Lambda, and the package index must be reachable.",
    )
    listing.unlink()
    _trim(folder)
    compile_python(folder, [folder])


def compile_python(root: Path, trees: list[Path]) -> None:
    """Write the bytecode that Lambda will load.

    `unchecked-hash`, because an asset's zip resets modification times and Lambda's task root is read-only: bytecode
    that is checked against its source's time would be stale, and every cold start would compile everything again.

    Raises:
        BuildError: this Python is not Lambda's; its bytecode would be ignored there.
    """
    if sys.version_info[:2] != PYTHON:
        raise BuildError(
            f"Python {sys.version_info.major}.{sys.version_info.minor} cannot compile for Lambda's python3.13: "
            "bytecode is only read by the version that wrote it. Run the build with the project's .venv/bin/python."
        )
    tools.run(
        [
            *[sys.executable, "-m", "compileall", "-q", "--invalidation-mode", "unchecked-hash"],
            *["-s", str(root), "-p", TASK_ROOT, *map(str, trees)],
        ],
        what="Compiling to bytecode",
        remedy="Correct the syntax error below.",
        # Neither hash order nor a bytecode cache elsewhere may change what is written, or where.
        environment={"PYTHONHASHSEED": "0", "PYTHONPYCACHEPREFIX": ""},
    )


def _trim(folder: Path) -> None:
    """Delete what Lambda never reads and what differs between machines (scripts name their builder's Python)."""
    shutil.rmtree(folder / "bin", ignore_errors=True)
    (folder / ".lock").unlink(missing_ok=True)
    for metadata in folder.glob("*.dist-info"):
        for name in INSTALLATION_RECORDS:
            (metadata / name).unlink(missing_ok=True)
    descriptions = folder / "botocore" / "data"
    if descriptions.is_dir():
        for service in descriptions.iterdir():
            if service.is_dir() and service.name not in AWS_SERVICES:
                shutil.rmtree(service)
