"""`release.json`: what belongs to one build of the site, written by the build itself.

A release is published from its folder. Whether the folder is still what was built, and whether what was published is,
can only be judged by a list that was made in between.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Self

NAME = "release.json"

NOT_FOUND = "404.html"
"""The page for every address that is none."""

HASHED_FILES = "_next/static/"
"""Below it, Next.js puts a hash of its content into every file's name, or the build's into its path."""

MISSING = f"{HASHED_FILES}missing/1.html"
"""What CloudFront answers for a file that is not there. Templates name it, so another content is another file."""

RELEASES = "releases/"
"""Where the site's bucket keeps everything else, by release. Hashed files lie beside it, shared by all releases."""


@dataclass(frozen=True, kw_only=True)
class SiteFile:
    """One file. sha256: hexadecimal. size: bytes."""

    sha256: str
    size: int

    @classmethod
    def of(cls, content: bytes) -> Self:
        """The file with this content."""
        return cls(sha256=hashlib.sha256(content).hexdigest(), size=len(content))


@dataclass(frozen=True, kw_only=True)
class SiteManifest:
    """release: the hash of the build's inputs. files: by path below the site's root, without this list itself."""

    release: str
    files: Mapping[str, SiteFile]

    @classmethod
    def of(cls, folder: Path, *, release: str) -> Self:
        """The files of a site's folder."""
        files = {
            path.relative_to(folder).as_posix(): SiteFile.of(path.read_bytes())
            for path in sorted(folder.rglob("*"))
            if path.is_file() and path != folder / NAME
        }
        return cls(release=release, files=files)

    @classmethod
    def parse(cls, text: str) -> Self:
        """The manifest in a `release.json`.

        Raises:
            ValueError: it is none; the message says what is wrong.
        """
        try:
            content = json.loads(text)
            files = {
                str(path): SiteFile(sha256=str(file["sha256"]), size=int(file["size"]))
                for path, file in content["files"].items()
            }
            return cls(release=str(content["release"]), files=files)
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            raise ValueError(f"no manifest of a site: {error!r}") from error

    def text(self) -> str:
        """The content of `release.json`; the same for the same files."""
        files = {path: asdict(file) for path, file in sorted(self.files.items())}
        return json.dumps({"release": self.release, "files": files}, indent=1) + "\n"

    @property
    def size(self) -> int:
        """Bytes of all files together."""
        return sum(file.size for file in self.files.values())
