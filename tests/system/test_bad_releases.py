"""Bad releases under load, on the deployed local AWS: each is stopped with nobody acting, and no row is seen abroad."""

from collections.abc import Callable

import pytest

from local import machine
from local.proof.bad_changes import CANARIED, REFUSED
from local.proof.changes import BAD, GOOD, GOOD_WEBHOOK, BadChange, Change
from local.proof.releases import Release, release
from local.proof.strangers import attacking
from local.toolkit import STAGE, Assembly
from tests.system.conftest import Flux

# One that the gate's requests find, and one that only real traffic finds; all in `make test-long PART=bad-releases`.
SAMPLE = ("tenant-left-out-of-a-cache-key", BAD.name)


def cases(*changes: BadChange) -> list[object]:
    return [
        pytest.param(change, id=change.name, marks=[] if change.name in SAMPLE else pytest.mark.long)
        for change in changes
    ]


@pytest.mark.parametrize("change", cases(*REFUSED))
def test_a_bad_release_is_refused_before_a_single_user_meets_it(
    flux: Flux, show: Callable[[str], None], change: BadChange
) -> None:
    bad = release(flux.platform, change)
    show(figures(change, bad))
    assert any(reason in bad.reason for reason in change.reasons), bad.reason
    # An alarm on the version's memory may fire while the gate still asks.
    assert bad.status in {"build": ("NotBuilt",), "gate": ("Failed", "Stopped")}[change.caught]
    assert bad.to_version == bad.from_version
    assert bad.during.total > 0
    assert bad.during.failed == 0
    assert bad.after.failed == 0
    assert bad.during.foreign == bad.after.foreign == 0


@pytest.mark.parametrize("change", cases(*CANARIED))
def test_a_bad_release_that_only_real_traffic_can_tell_is_rolled_back_by_alarms(
    flux: Flux, show: Callable[[str], None], change: BadChange
) -> None:
    bad = release(flux.platform, change)
    show(figures(change, bad))
    assert any(reason in bad.reason for reason in change.reasons), bad.reason
    assert bad.status == "Stopped"
    assert bad.to_version == bad.from_version
    assert bad.during.failed < bad.during.total / 2
    assert bad.after.failed == 0
    assert bad.during.foreign == bad.after.foreign == 0


@pytest.mark.long  # `make test` has a sample in test_strangers.py
@pytest.mark.parametrize("change", [pytest.param(GOOD, id="api"), pytest.param(GOOD_WEBHOOK, id="webhook")])
def test_a_good_release_under_an_anonymous_attack_goes_through(
    flux: Flux, show: Callable[[str], None], change: Change
) -> None:
    with attacking(flux.platform) as strangers:
        good = release(flux.platform, change)
    Assembly(folder=machine.ASSEMBLY).deploy(f"{STAGE}/Compute")  # the release of this folder again
    show(f"{change.name} under attack: {good.status} after {good.seconds:.0f} s; strangers got {dict(strangers)}")
    assert good.status == "Succeeded", good.reason
    assert good.to_version != good.from_version
    assert good.during.failed == 0
    assert good.during.foreign == 0
    assert strangers.total() > 100
    assert [status for status in strangers if status >= 500 or status < 400] == []


def figures(change: BadChange, seen: Release) -> str:
    return (
        f"{change.name}: {seen.status} after {seen.seconds:.0f} s, {seen.during.failed} of {seen.during.total} "
        f"requests failed meanwhile, {seen.after.failed} of {seen.after.total} afterwards; {seen.reason}"
    )
