"""A second build of the site, made from the built one without building: other pages, one chunk under another name."""

import shutil
from pathlib import Path

from build.site_scripts import FOLDER
from flux_infra.constructs.site_manifest import HASHED_FILES, NAME, SiteManifest

_TEXT = {".html", ".js", ".css", ".txt"}


def changed(built: Path, folder: Path, *, release: str, mark: str) -> Path:
    """Copy a build as a build of changed sources would be: its id, one chunk's name and content, and its pages differ.

    mark: stands in the page at `/`, for whoever wants to know which release they got.
    """
    before = read_manifest(built).release
    shutil.copytree(built, folder)
    # The pages' own scripts name the build, so with its id their content and then their names change, too.
    changing = [a_chunk(built), *(path.relative_to(built) for path in (built / FOLDER).glob("*.js"))]
    for path in [path for path in folder.rglob("*") if path.is_file()]:
        if path.suffix in _TEXT:
            text = path.read_text().replace(before, release)
            for file in changing:
                text = text.replace(file.name, f"{release}-{file.name}")
            path.write_text(text)
    (folder / HASHED_FILES / before).rename(folder / HASHED_FILES / release)
    for file in changing:
        (folder / file).rename((folder / file).with_name(f"{release}-{file.name}"))
    page = folder / "index.html"
    page.write_text(page.read_text().replace("</body>", f"<!-- {mark} --></body>"))
    listed(folder, release=release)
    return folder


def a_chunk(built: Path) -> Path:
    """A script that the page at `/` asks for, relative to the site's root."""
    page = (built / "index.html").read_text()
    return min(
        path.relative_to(built)
        for path in (built / HASHED_FILES / "chunks").glob("*.js")
        if f'src="/{path.relative_to(built)}"' in page
    )


def own_chunk(changed_build: Path) -> Path:
    """The script that only a changed build has."""
    release = read_manifest(changed_build).release
    (chunk,) = (changed_build / HASHED_FILES / "chunks").glob(f"{release}-*.js")
    return chunk.relative_to(changed_build)


def listed(folder: Path, *, release: str) -> None:
    """Write the list of files as the build does."""
    (folder / NAME).write_text(SiteManifest.of(folder, release=release).text())


def read_manifest(folder: Path) -> SiteManifest:
    return SiteManifest.parse((folder / NAME).read_text())
