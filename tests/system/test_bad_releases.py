"""Bad releases under load, on the deployed local AWS: each is refused before a user meets it, with nobody acting."""

from collections.abc import Callable

import pytest

from local.proof.bad_changes import REFUSED
from local.proof.changes import BadChange
from local.proof.releases import release
from tests.system.conftest import Flux

# One that the gate's requests find; all of them in `make test-long PART=bad-releases`.
SAMPLE = "one-route-answers-500"


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(change, id=change.name, marks=[] if change.name == SAMPLE else pytest.mark.long)
        for change in REFUSED
    ],
)
def test_a_bad_release_is_refused_before_a_single_user_meets_it(
    flux: Flux, show: Callable[[str], None], change: BadChange
) -> None:
    bad = release(flux.platform, change)
    show(
        f"{change.name}: {bad.status} after {bad.seconds:.0f} s, {bad.during.failed} of {bad.during.total} requests "
        f"failed meanwhile, {bad.after.failed} of {bad.after.total} afterwards; {bad.reason}"
    )
    assert any(reason in bad.reason for reason in change.reasons), bad.reason
    assert bad.status == {"build": "NotBuilt", "gate": "Failed"}[change.caught]
    assert bad.to_version == bad.from_version
    assert bad.during.total > 0
    assert bad.during.failed == 0
    assert bad.after.failed == 0
    assert bad.during.foreign == bad.after.foreign == 0
