"""The gate is tested by what it must notice, and by what it must not."""

import pytest

from policy.assembly import WrittenStack
from tests.policy.mutants.change import Change
from tests.policy.mutants.harmless import HARMLESS
from tests.policy.mutants.score import MUTANTS, findings, is_noticed


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: f"{mutant.layer}: {mutant.what}")
def test_the_gate_notices_the_weakening(mutant: Change, production: list[WrittenStack]) -> None:
    assert is_noticed(mutant, production)


@pytest.mark.parametrize("change", HARMLESS, ids=lambda change: f"{change.layer}: {change.what}")
def test_the_gate_stays_quiet_about_the_harmless_change(change: Change, production: list[WrittenStack]) -> None:
    assert [str(finding) for finding in findings(change, production)] == []


def test_there_are_enough_weakenings_and_harmless_changes_to_mean_something() -> None:
    assert len(MUTANTS) >= 150
    assert len(HARMLESS) >= 30
    assert len({(mutant.layer, mutant.what) for mutant in MUTANTS}) == len(MUTANTS)
