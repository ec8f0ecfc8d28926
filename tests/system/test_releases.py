"""Releases of the api under load, on the deployed local AWS."""

from local.proof.changes import BAD, GOOD
from local.proof.releases import release
from tests.system.conftest import Flux


def test_a_release_that_answers_500_is_rolled_back_by_itself(flux: Flux) -> None:
    bad = release(flux.platform, flux.demo, BAD)
    assert bad.status == "Stopped"
    assert "flux-local-api-release" in bad.reason
    assert bad.to_version == bad.from_version
    assert 0 < bad.during.failed < bad.during.total / 2
    assert bad.after.failed == 0


def test_a_good_release_is_promoted_without_one_failed_request(flux: Flux) -> None:
    for change in (GOOD, None):  # and back to the release of this folder
        good = release(flux.platform, flux.demo, change)
        assert good.status == "Succeeded"
        assert good.to_version != good.from_version
        assert good.during.failed == 0
        assert good.after.failed == 0
