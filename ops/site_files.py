"""How a file of the site lies in its bucket: under which key, with which headers."""

import json
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from flux_infra.constructs.site_manifest import HASHED_FILES, MISSING, NOT_FOUND, RELEASES

# Written out, because Python's table of types differs between machines.
_TYPES: dict[str, str] = json.loads((Path(__file__).parent / "content_types.json").read_text())

FOR_A_YEAR = "public, max-age=31536000, immutable"
ASK_AGAIN = "no-cache"  # CloudFront keeps it for its shortest time to live, one second, and then asks the bucket


@dataclass(frozen=True, kw_only=True)
class Headers:
    """What S3 answers with a file. status: the HTTP status that CloudFront answers a viewer instead of 200."""

    content_type: str
    cache_control: str
    status: str | None = None

    @property
    def metadata(self) -> dict[str, str]:
        """The object's user metadata; flux_infra/frontend/release_response.js reads it."""
        return {} if self.status is None else {"status": self.status}


def is_hashed(path: str) -> bool:
    """Whether the file never changes under its name."""
    return path.startswith(HASHED_FILES)


def key(release: str, path: str) -> str:
    """The object's key: hashed files are shared by all releases, all others belong to one."""
    return path if is_hashed(path) else f"{RELEASES}{release}/{path}"


def headers(path: str) -> Headers | None:
    """The file's headers; None if nobody has said what files of this kind are."""
    content_type = _TYPES.get(PurePosixPath(path).suffix)
    if content_type is None:
        return None
    return Headers(
        content_type=content_type,
        # Not the page for what is missing: a browser would keep it for a file that a release is about to bring.
        cache_control=FOR_A_YEAR if is_hashed(path) and path != MISSING else ASK_AGAIN,
        status="404" if path == NOT_FOUND else None,
    )
