"""The operating-system account that servers run under.

PostgreSQL refuses to run as root, so a root caller gives its servers to `nobody`; anyone else runs them as themselves.
"""

import importlib.util
import os
import pwd
import shutil
import stat
import sys
from dataclasses import dataclass
from pathlib import Path


class ServerError(RuntimeError):
    """A local server cannot start or stop; the message says why and what to do."""


@dataclass(frozen=True, kw_only=True)
class Account:
    """A user and its group, as numbers; both None for the caller's own."""

    uid: int | None
    gid: int | None

    def own(self, folder: Path) -> None:
        """Give a folder to the account and close it to everybody else (PostgreSQL insists on 0700)."""
        folder.mkdir(parents=True, exist_ok=True)
        folder.chmod(0o700)
        self.take(folder)

    def take(self, path: Path) -> None:
        """Give a file or folder to the account, its mode as it is."""
        if self.uid is not None and self.gid is not None:
            os.chown(path, self.uid, self.gid, follow_symlinks=False)

    def reaches(self, path: Path) -> bool:
        """Whether the account may walk to `path`: every folder above it lets it pass."""
        return self.uid is None or all(self._passes(folder) for folder in path.resolve().parents if folder.exists())

    def _passes(self, folder: Path) -> bool:
        status = folder.stat()
        if status.st_uid == self.uid:
            return bool(status.st_mode & stat.S_IXUSR)
        if status.st_gid == self.gid:
            return bool(status.st_mode & stat.S_IXGRP)
        return bool(status.st_mode & stat.S_IXOTH)


def server_account() -> Account:
    """`nobody` when the caller is root, the caller itself otherwise."""
    if os.geteuid() != 0:
        return Account(uid=None, gid=None)
    nobody = pwd.getpwnam("nobody")
    return Account(uid=nobody.pw_uid, gid=nobody.pw_gid)


def within_reach(account: Account, site_packages: Path, parts: tuple[str, ...], *, copies: Path) -> Path:
    """The folder that holds `parts`: `site_packages`, or copies of the parts where the account cannot go there.

    A checkout under /root is closed to `nobody`, for example.

    Raises:
        ServerError: the account cannot reach `copies` either.
    """
    site_packages = site_packages.resolve()  # the account may reach a folder, and not a link to it
    if account.reaches(site_packages / parts[0]):
        return site_packages
    if not account.reaches(copies / parts[0]):
        raise ServerError(
            f"{copies} is out of reach of the account the servers run under (uid {account.uid}): a folder above it is "
            "closed to others; choose a folder under /var/tmp"
        )
    for part in parts:
        shutil.copytree(site_packages / part, copies / part, symlinks=True, dirs_exist_ok=True)
    return copies


def site_packages_of(package: str) -> Path:
    """The folder that a package is installed in, without importing it.

    Raises:
        ServerError: it is not installed.
    """
    spec = importlib.util.find_spec(package)
    if spec is None or spec.origin is None:
        raise ServerError(f"the package {package} is not installed in {sys.prefix}; run 'make up' or 'make test' again")
    return Path(spec.origin).parent.parent
