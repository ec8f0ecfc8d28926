"""What a CDK bucket deployment puts into its bucket: the archive's files, chosen and filled in as the AWS CLI does."""

import fnmatch
import io
import json
import mimetypes
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

# S3's own default; the AWS CLI leaves a type that it cannot guess to S3.
_UNKNOWN_TYPE = "binary/octet-stream"


@dataclass(frozen=True, kw_only=True)
class Filters:
    """Which files take part ("Use of Exclude and Include Filters", AWS CLI Command Reference).

    All do at first; then each exclusion in turn and each inclusion in turn decides anew, and the last match wins.
    A `*` matches slashes, too.
    """

    exclude: Sequence[str] = ()
    include: Sequence[str] = ()

    def admit(self, name: str) -> bool:
        """Whether the file of this name takes part."""
        chosen = not any(fnmatch.fnmatchcase(name, pattern) for pattern in self.exclude)
        return chosen or any(fnmatch.fnmatchcase(name, pattern) for pattern in self.include)


@dataclass(frozen=True, kw_only=True)
class Source:
    """One archive.

    archive: the zip file's bytes.
    markers: placeholders in its files, and what CloudFormation resolved them to.
    escape: write the values as the inside of a JSON string.
    """

    archive: bytes
    markers: Mapping[str, str] = field(default_factory=dict)
    escape: bool = False

    def files(self) -> Iterator[tuple[str, bytes]]:
        """The archive's files, placeholders filled in."""
        values = {
            marker.encode(): (json.dumps(value)[1:-1] if self.escape else value).encode()
            for marker, value in self.markers.items()
        }
        with zipfile.ZipFile(io.BytesIO(self.archive)) as archive:
            for entry in archive.infolist():
                if not entry.is_dir():
                    content = archive.read(entry)
                    for marker, value in values.items():
                        content = content.replace(marker, value)
                    yield entry.filename, content


def content_type(name: str) -> str:
    """The type that the AWS CLI guesses from a file's name."""
    return mimetypes.guess_type(name)[0] or _UNKNOWN_TYPE
