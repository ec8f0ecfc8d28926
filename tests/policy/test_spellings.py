"""The gate reads what a template means, however it is written."""

from collections.abc import Mapping
from dataclasses import replace
from typing import cast

import pytest

from policy.assembly import WrittenStack, readings
from policy.gate import judge
from tests.policy.mutants.change import Json
from tests.policy.mutants.respelled import RESPELLINGS, Way, respelled


@pytest.mark.parametrize("way", RESPELLINGS.values(), ids=RESPELLINGS.keys())
def test_the_gate_stays_quiet_about_production_in_other_words(way: Way, production: list[WrittenStack]) -> None:
    written = [replace(stack, template=_in_other_words(stack, way)) for stack in production]
    assert repr(written) != repr(production)
    assert [str(finding) for finding in judge(readings(written))] == []


def _in_other_words(stack: WrittenStack, way: Way) -> Mapping[str, Json]:
    return cast("Mapping[str, Json]", respelled(cast("Mapping[str, Json]", stack.template), way))
