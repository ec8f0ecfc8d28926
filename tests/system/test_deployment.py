"""What a second look at the deployed local AWS must say."""

from pathlib import Path

import pytest

from flux_infra.local import machine
from flux_infra.local.proof.releases import GOOD, build
from flux_infra.local.toolkit import Assembly

pytestmark = pytest.mark.usefixtures("flux")


def test_nothing_differs_between_what_is_deployed_and_what_is_synthesized() -> None:
    assert Assembly(folder=machine.ASSEMBLY).difference() is None


def test_a_changed_function_is_a_difference(tmp_path: Path) -> None:
    changed = Assembly.synthesize(tmp_path / "assembly", artifacts=build(GOOD)).difference()
    assert changed is not None
    assert "AWS::Lambda::Function" in changed
