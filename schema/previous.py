"""The release before this one, which is live while this one is being released."""

import io
import re
import subprocess
import tarfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
POINTER = Path(__file__).with_name("previous_release.txt")


class PreviousReleaseError(Exception):
    """The previous release is not at hand; the message says why and what to do."""


def previous_release(pointer: Path = POINTER) -> str:
    """Its commit, in full.

    Raises:
        PreviousReleaseError: the file does not name one.
    """
    lines = [line for line in pointer.read_text().splitlines() if line and not line.startswith("#")]
    if len(lines) != 1 or re.fullmatch(r"[0-9a-f]{40}", lines[0]) is None:
        raise PreviousReleaseError(f"{pointer}: must hold one full commit (40 hexadecimal digits), not {lines}")
    return lines[0]


def unpack(commit: str, folder: Path) -> None:
    """Put a release's files into an empty folder.

    Raises:
        PreviousReleaseError: this clone does not have the commit.
    """
    archive = _git("archive", "--format=tar", commit)
    if archive.returncode != 0:
        raise PreviousReleaseError(
            f"this clone does not have the previous release {commit}: {archive.stderr.decode().strip()}. Run "
            f"'git fetch --depth=1 origin {commit}', or clone with full history (actions/checkout: fetch-depth 0)"
        )
    with tarfile.open(fileobj=io.BytesIO(archive.stdout)) as files:
        files.extractall(folder, filter="data")


def was_released(release: str, previous: str) -> bool:
    """Whether `release` (a tag or commit) is the previous release or an older one."""
    return _git("merge-base", "--is-ancestor", release, previous).returncode == 0


def _git(*arguments: str) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(["git", *arguments], cwd=ROOT, capture_output=True, check=False)  # noqa: S603, S607 - git
