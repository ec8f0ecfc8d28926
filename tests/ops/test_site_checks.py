"""What is checked of a site's build before anything is uploaded, and what is written when it becomes live."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from flux_infra.constructs.site_manifest import NAME, SiteManifest
from ops import site_files
from ops.site import SiteError, built_site
from ops.site_bucket import local_problems, unanswered
from ops.site_pointer import Live, entry, pages

CHUNK = "_next/static/chunks/a1.js"
LATER = "_next/static/chunks/b2.js"

FILES = {
    "index.html": f'<link href="/icon.svg?v1"><script src="/{CHUNK}"></script>'.encode(),
    "404.html": b"<p>not here</p>",
    "icon.svg": b"<svg/>",
    CHUNK: b'load("static/chunks/b2.js")',
    LATER: b"",
}


def built(folder: Path, files: dict[str, bytes], *, release: str = "r1") -> SiteManifest:
    for path, content in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(content)
    manifest = SiteManifest.of(folder, release=release)
    (folder / NAME).write_text(manifest.text())
    return manifest


def test_a_site_as_it_was_built_has_no_problems(tmp_path: Path) -> None:
    manifest = built(tmp_path, FILES)

    assert local_problems(tmp_path, manifest) == []
    assert SiteManifest.parse((tmp_path / NAME).read_text()) == manifest
    assert manifest.size == sum(map(len, FILES.values()))


@pytest.mark.parametrize("path", FILES)
def test_a_file_that_was_lost_after_the_build_is_named(tmp_path: Path, path: str) -> None:
    manifest = built(tmp_path, FILES)
    (tmp_path / path).unlink()

    assert local_problems(tmp_path, manifest) == [f"{path} is missing from the build"]


@pytest.mark.parametrize(
    ("lost", "asking"),
    [(CHUNK, "index.html"), (LATER, CHUNK), ("icon.svg", "index.html")],
    ids=["page", "chunk", "icon"],
)
def test_a_file_that_the_build_itself_lost_is_named_with_the_one_that_asks_for_it(lost: str, asking: str) -> None:
    files = {path: content for path, content in FILES.items() if path != lost}

    assert unanswered(files) == [f"{lost} is asked for by {asking} and is not part of the release"]


def test_a_file_that_changed_after_the_build_is_named(tmp_path: Path) -> None:
    manifest = built(tmp_path, FILES)
    (tmp_path / "index.html").write_text("other")

    assert local_problems(tmp_path, manifest) == ["index.html has changed since it was built"]


def test_a_file_of_an_unknown_kind_is_refused_rather_than_served_as_anything(tmp_path: Path) -> None:
    manifest = built(tmp_path, {**FILES, "app.wasm": b""})

    assert local_problems(tmp_path, manifest) == ["app.wasm: files of this kind have no content type"]


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"release": "r1", "files": {"a": {}}}'])
def test_what_is_no_list_of_files_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="no manifest of a site"):
        SiteManifest.parse(text)


def test_hashed_files_are_shared_by_all_releases_and_kept_for_a_year() -> None:
    script, page = site_files.headers(CHUNK), site_files.headers("index.html")

    assert script is not None
    assert page is not None
    assert site_files.key("r1", CHUNK) == site_files.key("r2", CHUNK) == CHUNK
    assert site_files.key("r1", "index.html") == "releases/r1/index.html"
    assert (script.cache_control, page.cache_control) == ("public, max-age=31536000, immutable", "no-cache")
    assert (script.metadata, page.metadata) == ({}, {})


def test_the_page_for_unknown_addresses_says_with_which_status_it_is_answered() -> None:
    page = site_files.headers("404.html")

    assert page is not None
    assert page.metadata == {"status": "404"}


def test_the_entry_names_every_page_but_the_one_for_unknown_addresses() -> None:
    files = ["index.html", "help/till.html", "404.html", "_not-found.html", "index.txt", CHUNK]
    live = Live(release="r2", previous="r1", since=datetime(2026, 11, 23, tzinfo=UTC), commit="0123456789ab")

    assert json.loads(entry(live, files)) == {
        "release": "r2",
        "pages": ["help/till", "index"],
        "previous": "r1",
        "since": "2026-11-23T00:00:00+00:00",
        "commit": "0123456789ab",
    }


def test_more_pages_than_an_entry_holds_are_refused_with_the_remedy() -> None:
    live = Live(release="r1", previous=None, since=datetime(2026, 11, 23, tzinfo=UTC))
    many = [f"a-page-with-a-name-{number}.html" for number in range(50)]

    assert len(pages(many)) == 50
    with pytest.raises(SiteError, match="give each page an entry of its own"):
        entry(live, many)


def test_a_site_that_is_not_built_is_explained(tmp_path: Path) -> None:
    with pytest.raises(SiteError, match="run 'make build' first"):
        built_site(tmp_path)
