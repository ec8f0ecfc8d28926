"""What a second look at the deployed local AWS must say."""

import pytest

from local import machine
from local.proof.changes import GOOD
from local.proof.releases import build, synthesize
from local.toolkit import Assembly

pytestmark = pytest.mark.usefixtures("flux")


def test_nothing_differs_between_what_is_deployed_and_what_is_synthesized() -> None:
    assert Assembly(folder=machine.ASSEMBLY).difference() is None


def test_a_changed_function_is_a_difference_and_the_only_one() -> None:
    changed = synthesize(build(GOOD)).difference()
    assert changed is not None
    assert "AWS::Lambda::Function" in changed
    assert "Number of stacks with differences: 1" in changed
