"""Releases of the site under continuous visits, on the deployed local AWS."""

import shutil
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from flux_infra.constructs.site_manifest import HASHED_FILES
from local import machine
from local.console import say
from local.platform import Platform
from ops.site import SiteError, SiteReleases, built_site
from tests.system.conftest import Flux
from tests.system.site_builds import a_chunk, changed, listed, own_chunk, read_manifest
from tests.system.site_visitors import visiting

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client


@dataclass(frozen=True, kw_only=True)
class Site:
    """The site with release A live, which is the built one, and a folder with an unpublished B."""

    platform: Platform
    a: Path
    b: Path

    @property
    def releases(self) -> SiteReleases:
        return self.platform.site

    def is_a(self) -> bool:
        return "<!-- B -->" not in self.page()

    def page(self) -> str:
        with self.platform.visitor() as browser:
            return browser.get("/").raise_for_status().text

    def answers_of_a(self) -> dict[str, int]:
        """The status of every address that a tab with A may ask for."""
        with self.platform.visitor() as browser:
            addresses = ["/", *(f"/{path}" for path in read_manifest(self.a).files)]
            return {address: browser.get(address).status_code for address in addresses}

    def hashed_files_of_a(self) -> list[str]:
        return [f"/{path}" for path in read_manifest(self.a).files if path.startswith(HASHED_FILES)]

    def s3(self) -> "S3Client":
        return machine.session().client("s3", endpoint_url=machine.AWS_URL)


@pytest.fixture
def site(flux: Flux, tmp_path: Path) -> Iterator[Site]:
    release = f"b-{uuid.uuid4().hex[:12]}"  # a release never changes, so every test has one of its own
    a = built_site()
    b = changed(a, tmp_path / "b", release=release, mark="B")
    flux.platform.site.publish(a)
    yield Site(platform=flux.platform, a=a, b=b)
    flux.platform.site.rollback(read_manifest(a).release)


def test_nobody_notices_a_release_nor_its_rollback(site: Site, capsys: pytest.CaptureFixture[str]) -> None:
    a, b = read_manifest(site.a).release, read_manifest(site.b).release
    with visiting(site.platform, open_tab=site.hashed_files_of_a()) as visits:
        assert site.is_a()
        before = site.answers_of_a()
        assert {address for address, status in before.items() if status != 200} == {"/404.html", "/_not-found.html"}
        assert site.releases.publish(site.b).before == a
        assert not site.is_a()
        assert site.answers_of_a() == before
        back = site.releases.rollback()
        assert (back.release, back.before, back.uploaded) == (a, b, 0)
        assert site.is_a()
    with capsys.disabled():
        say(f"\nsite A -> B -> A: {visits.failed} of {visits.requests} user requests failed")
    assert visits.requests > 50
    assert visits.failures == {}
    live = site.releases.live()
    assert live is not None
    assert live.release == a
    assert {*site.releases.complete()} >= {a, b}


def test_a_half_uploaded_release_never_becomes_live(site: Site, capsys: pytest.CaptureFixture[str]) -> None:
    session, puts = machine.session(), 0

    def lose_the_connection(**_: object) -> None:
        nonlocal puts
        puts += 1
        if puts > 5:
            raise ConnectionError("lost")

    session.events.register("before-call.s3.PutObject", lose_the_connection)
    breaking = SiteReleases.of(session, "local", endpoint_url=machine.AWS_URL)
    with visiting(site.platform, open_tab=site.hashed_files_of_a()) as visits:
        with pytest.raises(ConnectionError):
            breaking.publish(site.b)
        assert site.is_a()
        release = read_manifest(site.b).release
        with pytest.raises(SiteError, match=f"no complete release {release}"):
            site.releases.rollback(release)
        assert site.is_a()
        assert release not in site.releases.complete()
        site.releases.publish(site.b)  # again, and to the end
        assert not site.is_a()
    with capsys.disabled():
        say(f"\nsite, upload breaks off: {visits.failed} of {visits.requests} user requests failed")
    assert visits.failures == {}


@pytest.mark.parametrize("lost", ["after the build", "by the build"])
def test_a_release_with_a_missing_chunk_is_refused(site: Site, lost: str, capsys: pytest.CaptureFixture[str]) -> None:
    chunk = own_chunk(site.b)
    (site.b / chunk).unlink()
    if lost == "by the build":  # and then the list of files does not know it either
        listed(site.b, release=read_manifest(site.b).release)
    reason = f"{chunk} is missing from the build" if lost == "after the build" else f"{chunk} is asked for by"
    with visiting(site.platform, open_tab=site.hashed_files_of_a()) as visits:
        with pytest.raises(SiteError, match=reason):
            site.releases.publish(site.b)
        assert site.is_a()
    with capsys.disabled():
        say(f"\nsite, chunk lost {lost}: {visits.failed} of {visits.requests} user requests failed")
    assert visits.failures == {}


def test_an_earlier_release_that_has_lost_a_chunk_is_not_gone_back_to(site: Site) -> None:
    site.releases.publish(site.b)
    site.releases.rollback()
    site.s3().delete_object(Bucket=site.platform.outputs["Frontend.SiteBucketName"], Key=str(own_chunk(site.b)))
    with pytest.raises(SiteError, match=f"{own_chunk(site.b)} is missing from the bucket"):
        site.releases.rollback(read_manifest(site.b).release)
    assert site.is_a()


def test_a_release_never_changes(site: Site) -> None:
    site.releases.publish(site.b)
    page = site.b / "index.html"
    page.write_text(page.read_text() + "<!-- changed -->")
    with pytest.raises(SiteError, match=r"index\.html has changed since it was built"):
        site.releases.publish(site.b)
    listed(site.b, release=read_manifest(site.b).release)
    with pytest.raises(SiteError, match="another build was published under the same id"):
        site.releases.publish(site.b)


def test_a_hashed_file_of_another_release_is_not_overwritten(site: Site) -> None:
    chunk = next(path for path in (site.b / HASHED_FILES).rglob("*.css"))
    chunk.write_text(chunk.read_text() + "/* other content, same name */")
    listed(site.b, release=read_manifest(site.b).release)
    with pytest.raises(SiteError, match=r"css has \d+ bytes in the bucket instead of"):
        site.releases.publish(site.b)
    assert site.is_a()


def test_whoever_decided_on_what_is_no_longer_so_is_refused(site: Site) -> None:
    a, b = read_manifest(site.a).release, site.b
    pointer = site.releases.pointer
    seen = pointer.read()
    site.releases.publish(b)
    with pytest.raises(SiteError, match="somebody else has changed what is live"):
        pointer.write(a, read_manifest(site.a).files, seen=seen, commit="")
    assert not site.is_a()


def test_files_are_served_as_what_they_are_and_kept_for_as_long_as_they_hold(site: Site) -> None:
    with site.platform.visitor() as browser:
        page, script = browser.get("/"), browser.get(f"/{a_chunk(site.a)}")
        style = browser.get(f"/{next((site.a / HASHED_FILES).rglob('*.css')).relative_to(site.a)}")
        payload, icon = browser.get("/index.txt"), browser.get("/icon.svg")
    assert [answer.headers["content-type"] for answer in (page, script, style, payload, icon)] == [
        "text/html; charset=utf-8",
        "text/javascript; charset=utf-8",
        "text/css; charset=utf-8",
        "text/plain; charset=utf-8",
        "image/svg+xml",
    ]
    assert {answer.headers["cache-control"] for answer in (page, payload, icon)} == {"no-cache"}
    assert {answer.headers["cache-control"] for answer in (script, style)} == {"public, max-age=31536000, immutable"}


def test_an_unknown_page_is_told_so_in_the_sites_own_words_and_an_error_of_the_api_stays_the_apis(site: Site) -> None:
    with site.platform.visitor() as browser:
        unknown = [browser.get(path) for path in ("/no-such-page", "/no/such/page/", "/gone.html", "/404")]
        release = read_manifest(site.a).release
        unreleased = browser.get(f"/releases/{release}/index.html")
        api = browser.get("/api/v1/no-such-route")
        page = browser.get("/index.html")
    for answer in (*unknown, unreleased):
        assert answer.status_code == 404
        assert "not on the menu" in answer.text
        assert "x-amz-meta-status" not in answer.headers
    assert api.status_code in {401, 404}
    assert api.headers["content-type"].startswith("application/")
    assert page.status_code == 200


def test_a_page_is_found_under_a_name_with_a_slash(site: Site) -> None:
    page = site.b / "help.html"
    shutil.copyfile(site.b / "index.html", page)
    listed(site.b, release=read_manifest(site.b).release)
    site.releases.publish(site.b)
    with site.platform.visitor() as browser:
        assert [browser.get(path).status_code for path in ("/help", "/help/", "/help.html")] == [200, 200, 200]
