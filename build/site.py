"""The site: web/, exported by Next.js as static files."""

import hashlib
import shutil
from pathlib import Path

from flux_infra.constructs import site_manifest

from . import site_scripts, tools
from .errors import BuildError
from .inputs import hash_inputs
from .site_scripts import move_inline_scripts

WEB = tools.PROJECT / "web"
SOURCES = ("src", "public", "package.json", "package-lock.json", "next.config.ts", "tsconfig.json")

# Written after `npm ci`, so that an unchanged lockfile installs nothing. Inside node_modules: deleted together with it.
INSTALLED = WEB / "node_modules" / ".flux-installed"

_MISSING_PAGE = """<!doctype html>
<html lang="en">
<title>Flux: nothing is here</title>
<h1>There is nothing at this address.</h1>
<p><a href="/">Go to your forecasts</a></p>
</html>
"""


def inputs() -> str:
    """The hash of everything that decides the site's content."""
    ours = (Path(__file__), Path(site_manifest.__file__), Path(site_scripts.__file__))
    return hash_inputs(trees=[*(WEB / source for source in SOURCES), *ours])


def build(build_id: str, folder: Path) -> None:
    """Export the site into an empty folder.

    Args:
        build_id: appears in the site's addresses; made from the inputs, because Next.js's own is random.
        folder: becomes the root of the site.
    """
    _install()
    _forget_earlier_builds()
    tools.run(
        [tools.node(), str(WEB / "node_modules" / "next" / "dist" / "bin" / "next"), "build"],
        what="Building the site",
        remedy="Correct the error below; `npm run build` in web/ shows it as well.",
        folder=WEB,
        environment={"FLUX_BUILD_ID": build_id, "NEXT_TELEMETRY_DISABLED": "1", "NODE_ENV": "production"},
    )
    exported = WEB / "out"
    if not (exported / "index.html").exists():
        raise BuildError(
            'Building the site failed: web/out/index.html was not written. Is `output: "export"` in next.config.ts?'
        )
    move_inline_scripts(exported)
    shutil.copytree(exported, folder, dirs_exist_ok=True)
    shutil.rmtree(exported)
    _add_page_for_missing_files(folder)
    manifest = site_manifest.SiteManifest.of(folder, release=build_id)
    (folder / site_manifest.NAME).write_text(manifest.text())


def _add_page_for_missing_files(folder: Path) -> None:
    """Next.js has no place for a file of a name that never changes among those that are hashed."""
    page = folder / site_manifest.MISSING
    page.parent.mkdir(parents=True)
    page.write_text(_MISSING_PAGE)


def _forget_earlier_builds() -> None:
    """Remove Next.js's cache, which is not among the inputs; `next dev`, which may run, has its own in .next/dev."""
    for entry in (WEB / ".next").glob("*"):
        if entry.name != "dev":
            shutil.rmtree(entry) if entry.is_dir() else entry.unlink()


def _install() -> None:
    lock = hashlib.sha256((WEB / "package-lock.json").read_bytes()).hexdigest()
    if INSTALLED.exists() and INSTALLED.read_text() == lock:
        return
    tools.run(
        [tools.npm(), "ci", "--no-audit", "--no-fund"],
        what="Installing the site's packages",
        remedy="The npm registry must be reachable, and web/package-lock.json must agree with web/package.json.",
        folder=WEB,
    )
    INSTALLED.write_text(lock)
