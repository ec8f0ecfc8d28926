"""The programs a build runs: uv, npm and node."""

import os
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from .errors import BuildError

PROJECT = Path(__file__).resolve().parents[1]

# What is worth repeating of a failing tool's output: npm gives its reason first, compilers last.
FIRST_LINES, LAST_LINES = 10, 25


def uv() -> list[str]:
    """The command that runs uv: $UV, PATH, the project's own copy, or the module of this Python."""
    own = PROJECT / ".build" / "tools" / "uv" / "bin" / "uv"
    for candidate in (os.environ.get("UV"), shutil.which("uv"), str(own) if own.exists() else None):
        if candidate:
            return [candidate]
    module = [sys.executable, "-m", "uv"]
    if subprocess.run([*module, "--version"], capture_output=True, check=False).returncode == 0:
        return module
    raise BuildError(
        "uv was not found: it reads uv.lock and installs what the functions depend on. "
        "Run `pip install uv`, or set UV to its path."
    )


def node() -> str:
    """The pinned Node.js of package.json."""
    pinned = PROJECT / "node_modules" / ".bin" / "node"
    if not pinned.exists():
        raise BuildError(
            "node_modules/.bin/node is missing: the pinned Node.js tools are not installed. "
            "Run `npm ci` in the project's folder."
        )
    return str(pinned)


def npm() -> str:
    """The npm on PATH: it only installs from a lockfile, so its own version changes nothing in what is built."""
    found = shutil.which("npm")
    if found is None:
        raise BuildError(
            "npm was not found on PATH: the site's packages are installed by it. Install Node.js with npm."
        )
    return found


def run(
    command: Sequence[str],
    *,
    what: str,
    remedy: str,
    folder: Path = PROJECT,
    environment: Mapping[str, str] | None = None,
) -> str:
    """Run a tool to its end and return what it printed.

    Raises:
        BuildError: it could not be started or answered other than 0; the message ends with what it said.
    """
    try:
        done = subprocess.run(
            command, cwd=folder, env={**os.environ, **(environment or {})}, check=False, text=True, capture_output=True
        )
    except OSError as error:
        raise BuildError(f"{what} failed: {command[0]} cannot be started ({error}). {remedy}") from error
    if done.returncode != 0:
        raise BuildError(
            f"{what} failed: `{Path(command[0]).name}` answered {done.returncode}. {remedy}\n"
            + _shortened((done.stdout + done.stderr).strip())
        )
    return done.stdout


def _shortened(output: str) -> str:
    lines = output.splitlines()
    if len(lines) > FIRST_LINES + LAST_LINES:
        lines = [*lines[:FIRST_LINES], "...", *lines[-LAST_LINES:]]
    return "\n".join(lines)
