"""Releases of the api under load, on the deployed local AWS."""

import pytest

from local import machine
from local.console import StepFailed
from local.proof.bad_changes import REFUSED
from local.proof.changes import GOOD, GOOD_WORKER
from local.proof.releases import build, release, synthesize
from local.toolkit import STAGE, Assembly
from ops.aws import connect, find_environment
from tests.system.conftest import Flux
from tests.system.ops_release import live


def test_a_good_release_is_promoted_without_one_failed_request(flux: Flux) -> None:
    for change in (GOOD, None):  # and back to the release of this folder
        good = release(flux.platform, change)
        assert good.status == "Succeeded"
        assert good.to_version != good.from_version
        assert good.during.failed == 0
        assert good.after.failed == 0


@pytest.mark.long
@pytest.mark.usefixtures("flux")
def test_after_a_failed_release_the_mended_one_releases_also_what_both_change_alike() -> None:
    """Lambda publishes the same code only once (PublishVersion), so no version may be left of the failed release."""
    aws, compute = connect(find_environment("local")), f"{STAGE}/Compute"
    before = live(aws)
    (broken,) = (change for change in REFUSED if change.name == "one-route-answers-500")
    try:
        with pytest.raises(StepFailed, match="CodeDeploy deployment"):
            synthesize(build(GOOD_WORKER, broken)).deploy(compute)
        assert live(aws) == before

        synthesize(build(GOOD_WORKER, GOOD)).deploy(compute)
        assert {name for name, version in live(aws).items() if version != before[name]} == {"api", "sync"}
    finally:
        Assembly(folder=machine.ASSEMBLY).deploy(compute)
