"""What the documents say exists, and what is written by `make docs` is current."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from docs.generate import bad_releases, gameday_picture
from docs.generate.indexes import INDEXES
from docs.generate.pictures import PICTURES, stamp
from local.proof.bad_changes import BAD_RELEASES
from ops.command import main as flux

PROJECT = Path(__file__).parents[2]
DOCS = PROJECT / "docs"
PAGES = sorted(page for page in (*PROJECT.glob("*.md"), *DOCS.rglob("*.md")) if "node_modules" not in page.parts)
FOLDERS = {path.name for path in PROJECT.iterdir() if path.is_dir() and not path.name.startswith(".")}
TARGETS = set(re.findall(r"^([a-z-]+):", (PROJECT / "Makefile").read_text(), re.MULTILINE))
# What a build makes, or what a page tells its reader to make: not in the repository.
MADE = ("cdk.out", "node_modules", "web/out", "lambdas/reports")


@pytest.mark.parametrize("name", PICTURES)
def test_a_picture_is_drawn_from_the_surface_as_it_is(name: str) -> None:
    drawn = (DOCS / "images" / f"{name}.svg").read_text().splitlines(keepends=True)[-1]
    assert drawn == stamp(PICTURES[name]()), f"docs/images/{name}.svg is stale: run 'make docs'"


def test_the_picture_of_the_game_day_is_of_the_last_one() -> None:
    drawn = (DOCS / "images/gameday.svg").read_text().splitlines(keepends=True)[-1]
    assert drawn == stamp(gameday_picture.day()), "docs/images/gameday.svg is stale: run 'make docs'"


@pytest.mark.parametrize("path", INDEXES)
def test_an_index_or_list_is_what_it_is_made_of(path: str) -> None:
    assert (DOCS / path).read_text() == INDEXES[path](), f"docs/{path} is stale: run 'make docs'"


def test_the_table_of_bad_releases_is_that_of_the_system_tests() -> None:
    page = bad_releases.PAGE.read_text()
    assert page == bad_releases.written(page), "docs/canary.md is stale: run 'make docs'"
    assert len(BAD_RELEASES) >= 18


def test_every_relative_link_leads_somewhere() -> None:
    broken = [
        f"{page.relative_to(PROJECT)}: {link}" for page in PAGES for link in _links(page) if not _leads(page, link)
    ]
    assert broken == []


def test_every_path_that_a_document_names_exists() -> None:
    missing = [
        f"{page.relative_to(PROJECT)}: {path}"
        for page in PAGES
        for path in _paths(page)
        if not path.startswith(MADE) and not (PROJECT / path).exists()
    ]
    assert missing == []


def test_every_make_target_that_a_document_names_exists() -> None:
    named = {(page.name, target) for page in PAGES for target in re.findall(r"`make ([a-z-]+)", page.read_text())}
    assert {(page, target) for page, target in named if target not in TARGETS} == set()


def test_every_verb_of_flux_that_a_document_names_exists(capsys: pytest.CaptureFixture[str]) -> None:
    named = {verb for page in PAGES for verb in re.findall(r"\./flux ([a-z][a-z-]*)", page.read_text())}
    for verb in sorted(named):
        with pytest.raises(SystemExit) as ended:
            flux([verb, "--help"])
        assert ended.value.code == 0, f"./flux {verb}: {capsys.readouterr().err}"


def _links(page: Path) -> Iterator[str]:
    for link in re.findall(r"\]\(([^)\s]+)\)", page.read_text()):
        if not link.startswith(("http://", "https://", "#", "mailto:")):
            yield link


def _leads(page: Path, link: str) -> bool:
    path, _, anchor = link.partition("#")
    target = page.parent / path
    return target.exists() and (not anchor or anchor in _anchors(target))


def _anchors(page: Path) -> set[str]:
    titles = re.findall(r"^#+ (.+)$", page.read_text(), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", title).lower().replace(" ", "-") for title in titles}


def _paths(page: Path) -> Iterator[str]:
    """Yield what stands in backticks and looks like a path from the top of the repository."""
    for text in re.findall(r"`([\w./-]+)`", page.read_text()):
        first, slash, _ = text.partition("/")
        if slash and (first in FOLDERS or first == ".github"):
            yield text
