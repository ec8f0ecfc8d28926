"""The site's bucket: putting a release into it, and judging what is there."""

import re
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from flux_infra.constructs.site_manifest import HASHED_FILES, NAME, RELEASES, SiteFile, SiteManifest

from . import site_files
from .origins import Origin

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

_COMMIT = "commit"  # of the metadata of a release's manifest

_AT_ONCE = 8  # boto3 keeps ten connections

# In which files others are named.
_READ = {".html", ".js", ".css", ".txt", ".json"}

# Scripts name chunks that they load later without the leading "/_next/".
_HASHED = re.compile(rb"\bstatic/([A-Za-z0-9_.~%/-]+\.[a-z0-9]+)")
# What a page loads from its own origin; a query only keeps an old copy from being used.
_LOADED = re.compile(rb"""\b(?:src|href)="/([^"?#/][^"?#]*\.[a-z0-9]+)[?#"]""")


class SiteBucket:
    """Every release's files. Nothing here deletes, and nothing overwrites a release that is complete."""

    def __init__(self, client: "S3Client", name: str) -> None:
        self._client = client
        self._name = name

    def complete_releases(self) -> dict[str, datetime]:
        """When each complete release was published, UTC. A half-uploaded one is not among them."""
        return {
            key.removeprefix(RELEASES).removesuffix(f"/{NAME}"): modified
            for key, modified in self._objects(RELEASES).items()
            if key.endswith(f"/{NAME}")
        }

    def manifest(self, release: str) -> SiteManifest | None:
        """The list of a complete release's files; None if there is no such release.

        Raises:
            ValueError: what is there is no such list.
        """
        stored = self._read(site_files.key(release, NAME))
        return None if stored is None else SiteManifest.parse(stored[0].decode())

    def upload(self, folder: Path, manifest: SiteManifest, *, again: bool) -> int:
        """Put what is not there yet: hashed files first, then the pages that ask for them; answers how many.

        again: also put the pages that are there, because an earlier attempt did not end.
        """
        there = {**self._objects(HASHED_FILES), **self._objects(f"{RELEASES}{manifest.release}/")}
        uploaded = 0
        for hashed in (True, False):
            wanted = [
                path
                for path in manifest.files
                if site_files.is_hashed(path) is hashed
                and (site_files.key(manifest.release, path) not in there or (again and not hashed))
            ]
            with ThreadPoolExecutor(_AT_ONCE) as pool:
                list(pool.map(lambda path: self._put(manifest.release, path, (folder / path).read_bytes()), wanted))
            uploaded += len(wanted)
        return uploaded

    def complete(self, manifest: SiteManifest, *, commit: str) -> None:
        """Say that all files of a release are there, and which commit they were published from."""
        self._put(manifest.release, NAME, manifest.text().encode(), commit=commit)

    def origin(self, release: str) -> Origin:
        """When a complete release was published first, and from which commit."""
        stored = self._client.head_object(Bucket=self._name, Key=site_files.key(release, NAME))
        return Origin(made=stored["LastModified"], commit=stored["Metadata"].get(_COMMIT, ""))

    def problems(self, manifest: SiteManifest) -> list[str]:
        """Read every file of a release back; one sentence for each that is not as it must be."""
        with ThreadPoolExecutor(_AT_ONCE) as pool:
            stored = dict(
                zip(
                    manifest.files,
                    pool.map(lambda path: self._read(site_files.key(manifest.release, path)), manifest.files),
                    strict=True,
                )
            )
        found = {path: one for path, one in stored.items() if one is not None}
        wrong = [f"{path} is missing from the bucket" for path in stored if path not in found]
        for path, one in found.items():
            wrong += _differences(path, *one, manifest.files[path])
        return wrong or unanswered({path: content for path, (content, _) in found.items()})

    def _objects(self, prefix: str) -> dict[str, datetime]:
        pages = self._client.get_paginator("list_objects_v2").paginate(Bucket=self._name, Prefix=prefix)
        return {entry["Key"]: entry["LastModified"] for page in pages for entry in page.get("Contents", [])}

    def _put(self, release: str, path: str, content: bytes, *, commit: str = "") -> None:
        headers = site_files.headers(path)
        if headers is None:
            raise ValueError(f"{path}: no content type is known for it")  # local_problems() has refused it before
        self._client.put_object(
            Bucket=self._name,
            Key=site_files.key(release, path),
            Body=content,
            ContentType=headers.content_type,
            CacheControl=headers.cache_control,
            Metadata=headers.metadata | ({_COMMIT: commit} if commit else {}),
        )

    def _read(self, key: str) -> tuple[bytes, site_files.Headers] | None:
        try:
            answer = self._client.get_object(Bucket=self._name, Key=key)
        except self._client.exceptions.NoSuchKey:
            return None
        headers = site_files.Headers(
            content_type=answer["ContentType"],
            cache_control=answer.get("CacheControl", ""),
            status=answer["Metadata"].get("status"),
        )
        return answer["Body"].read(), headers


def local_problems(folder: Path, manifest: SiteManifest) -> list[str]:
    """What keeps a folder from being published: one sentence for each file that is not as it was built."""
    wrong = [
        f"{path}: files of this kind have no content type"
        for path in manifest.files
        if site_files.headers(path) is None
    ]
    contents: Mapping[str, bytes] = {
        path: (folder / path).read_bytes() for path in manifest.files if (folder / path).is_file()
    }
    wrong += [f"{path} is missing from the build" for path in manifest.files if path not in contents]
    wrong += [
        f"{path} has changed since it was built"
        for path, content in contents.items()
        if SiteFile.of(content) != manifest.files[path]
    ]
    return wrong or unanswered(contents)


def unanswered(files: Mapping[str, bytes]) -> list[str]:
    """One sentence for each file that is asked for and is not there.

    Args:
        files: contents by path below the site's root.
    """
    missing: dict[str, str] = {}
    for path, content in sorted(files.items()):
        kind = PurePosixPath(path).suffix
        if kind in _READ:
            wanted = {HASHED_FILES + found.decode() for found in _HASHED.findall(content)}
            if kind == ".html":
                wanted |= {found.decode() for found in _LOADED.findall(content)}
            for absent in sorted(wanted - files.keys()):
                missing.setdefault(absent, path)
    return [f"{absent} is asked for by {asking} and is not part of the release" for absent, asking in missing.items()]


def _differences(path: str, content: bytes, headers: site_files.Headers, expected: SiteFile) -> list[str]:
    wrong = []
    if len(content) != expected.size:
        wrong.append(f"{path} has {len(content)} bytes in the bucket instead of {expected.size}")
    elif SiteFile.of(content) != expected:
        wrong.append(f"{path} has another content in the bucket than it was built with")
    if headers != site_files.headers(path):
        wrong.append(f"{path} has wrong headers in the bucket: {headers}")
    return wrong
