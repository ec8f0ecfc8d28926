"""Each rule by one weakening of production that trips it, and by what it must not refuse."""

import pytest

from policy.assembly import readings
from policy.gate import ALL_RULES, judge
from policy.model import WrittenStack
from tests.policy.mutants.change import Change
from tests.policy.mutants.table import read

WEAKENINGS, ALONE = read("rules"), read("alone")
_BY_MANIFEST = {"STATE-STACK"}  # test_gate.py: termination protection stands in no template


def _rules(production: list[WrittenStack], change: Change) -> list[str]:
    return [finding.rule for finding in judge(readings(change.to(production)))]


@pytest.mark.parametrize("weakening", WEAKENINGS, ids=lambda weakening: str(*weakening.right))
def test_the_rule_notices_the_weakening(weakening: Change, production: list[WrittenStack]) -> None:
    assert weakening.right <= set(_rules(production, weakening))


def test_every_rule_is_tripped_by_something() -> None:
    tripped = {rule for weakening in WEAKENINGS for rule in weakening.right}
    assert tripped | _BY_MANIFEST == {rule.rule_id for rule in ALL_RULES}


def test_every_rule_has_its_own_id_a_source_and_a_remedy() -> None:
    assert len({rule.rule_id for rule in ALL_RULES}) == len(ALL_RULES)
    assert all(rule.source and rule.remedy for rule in ALL_RULES)


@pytest.mark.parametrize("change", ALONE, ids=lambda change: change.what)
def test_nothing_is_refused_but_what_is_wrong_and_that_once(change: Change, production: list[WrittenStack]) -> None:
    assert _rules(production, change) == [rule for rule in sorted(change.right) if rule != "nothing"]
