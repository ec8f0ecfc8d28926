"""Where builds are kept: folders named after the hash of their inputs, complete or absent."""

import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path


class Store:
    """The content-addressed folders below `root`.

    A folder is built beside its place and moved there when complete, and is moved away before it is deleted. So one
    that exists is never half a build, whoever was killed at whatever moment; what a killed build left is pruned by the
    next. While one build prunes, no other may use the store: build.py has the locks.

    Args:
        root: usually `.build`.
        other: a store that may already hold the same build; it is taken over instead of built again.
    """

    def __init__(self, root: Path, *, other: Path | None = None) -> None:
        self.root = root
        self._other = other if other is not None and other != root else None

    def obtain(self, path: str, build: Callable[[Path], None]) -> bool:
        """Make sure that the folder `path` exists; `build` fills it when it must. True when it had to be built."""
        target = self.root / path
        if target.exists():
            return False
        existing = self._other / path if self._other is not None else None
        with self._beside(target) as folder:
            if existing is not None and existing.exists():
                link_tree(existing, folder)
                return False
            build(folder)
            return True

    def prune(self, keep: set[str]) -> None:
        """Delete the folders, in the places that `keep` names, that `keep` does not name."""
        for place in {Path(path).parent for path in keep}:
            for folder in (self.root / place).iterdir():
                if (place / folder.name).as_posix() not in keep:
                    _delete(folder)

    @contextmanager
    def _beside(self, target: Path) -> Iterator[Path]:
        target.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=".unfinished-", dir=target.parent) as temporary:
            folder = Path(temporary) / "content"
            folder.mkdir()
            yield folder
            normalize_modes(folder)
            try:
                folder.rename(target)
            except OSError:
                if not target.exists():  # otherwise another build was faster, with the same result
                    raise


def _delete(folder: Path) -> None:
    # Whoever reads it meanwhile (a synth, say) must miss it and fail, not find half of it and go on.
    with tempfile.TemporaryDirectory(prefix=".discarded-", dir=folder.parent, ignore_cleanup_errors=True) as temporary:
        folder.rename(Path(temporary) / "content")


def link_tree(source: Path, target: Path) -> None:
    """Copy a tree, as hard links where the file system allows it: no build changes a finished file."""

    def link(file: str, copy: str) -> str:
        try:
            os.link(file, copy)
        except OSError:
            shutil.copyfile(file, copy)
        return copy

    shutil.copytree(source, target, copy_function=link, dirs_exist_ok=True)


def normalize_modes(folder: Path) -> None:
    """Readable by everyone: Lambda is another user than the builder, whose umask must not decide what it can read."""
    for directory, _, names in folder.walk():
        directory.chmod(0o755)
        for name in names:
            (directory / name).chmod(0o644)
