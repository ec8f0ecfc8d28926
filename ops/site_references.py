"""Whether a release is complete in itself: every file that one of its files asks for is among them."""

import re
from collections.abc import Mapping
from pathlib import PurePosixPath

from flux_infra.constructs.site_manifest import HASHED_FILES

_READ = {".html", ".js", ".css", ".txt", ".json"}

# Scripts name chunks that they load later without the leading "/_next/".
_HASHED = re.compile(rb"\bstatic/([A-Za-z0-9_.~%/-]+\.[a-z0-9]+)")
# What a page loads from its own origin; a query only keeps an old copy from being used.
_LOADED = re.compile(rb"""\b(?:src|href)="/([^"?#/][^"?#]*\.[a-z0-9]+)[?#"]""")


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
