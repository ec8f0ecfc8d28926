"""The gate is tested by what it must notice and call by its right name, and by what it must not refuse."""

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import cast

import pytest

from policy.changes.consequence import Consequence
from policy.changes.difference import Change as Difference
from policy.changes.difference import changes
from policy.facts.surface import surface
from policy.model import WrittenStack

from .mutants.change import Change, Json
from .mutants.respelled import RESPELLINGS, Way, respelled
from .mutants.table import read

pytestmark = pytest.mark.slow

WEAKENINGS, HARMLESS = read("weakenings"), read("harmless")
# The first four consequences. `any`: what cannot be read could be any of them.
BAD = {
    "data": Consequence.LOSES_DATA,
    "widens": Consequence.WIDENS,
    "weakens": Consequence.WEAKENS,
    "traffic": Consequence.INTERRUPTS,
}
NAMES = {name: {consequence} for name, consequence in BAD.items()} | {
    "new": {Consequence.NEW},
    "any": set(BAD.values()),
}
MOST_CALLED_BAD = 0.03  # of the harmless changes

type Judge = Callable[[Change], list[Difference]]


@pytest.fixture(scope="session")
def judge(production: list[WrittenStack]) -> Judge:
    """Returns what the gate says of production with one change. Only the changed stack's lines are written anew."""
    layers = {stack.layer: surface(production, only=stack.layer) for stack in production}
    whole = frozenset().union(*layers.values())
    found: dict[str, list[Difference]] = {}

    def difference(change: Change) -> list[Difference]:
        key = f"{change.layer}: {change.what}"
        if key not in found:
            after = surface(change.to(production), only=change.stack)
            found[key] = changes(whole, whole - layers[change.stack] | after)
        return found[key]

    return difference


def worst(found: list[Difference]) -> Consequence:
    return min((change.consequence for change in found), default=Consequence.HARMLESS)


def _said(found: list[Difference]) -> list[str]:
    return [f"{change.consequence.value}: {change.fact.line}" for change in found]


@pytest.mark.parametrize("mutant", WEAKENINGS, ids=lambda mutant: f"{mutant.layer}: {mutant.what}")
def test_a_weakening_is_called_what_it_is(mutant: Change, judge: Judge) -> None:
    found = judge(mutant)
    assert worst(found) in set().union(*(NAMES[name] for name in mutant.right)), _said(found)


@pytest.mark.parametrize("change", HARMLESS, ids=lambda change: f"{change.layer}: {change.what}")
def test_a_harmless_change_is_not_called_worse_than_it_is(change: Change, judge: Judge) -> None:
    found = judge(change)
    if change.right == {"same"}:
        assert worst(found) is Consequence.HARMLESS, _said(found)
    if change.right == {"stricter"}:
        assert worst(found) not in BAD.values(), _said(found)


def test_few_harmless_changes_are_called_bad(judge: Judge) -> None:
    called = [change.what for change in HARMLESS if worst(judge(change)) in BAD.values()]
    assert len(called) <= MOST_CALLED_BAD * len(HARMLESS), called


@pytest.mark.parametrize("way", RESPELLINGS.values(), ids=RESPELLINGS.keys())
def test_production_in_other_words_is_the_same(way: Way, production: list[WrittenStack]) -> None:
    written = [replace(stack, template=_in_other_words(stack, way)) for stack in production]
    assert repr(written) != repr(production)
    found = changes(surface(production), surface(written))
    assert worst(found) is Consequence.HARMLESS, _said([c for c in found if c.consequence is not Consequence.HARMLESS])


def _in_other_words(stack: WrittenStack, way: Way) -> Mapping[str, Json]:
    return cast("Mapping[str, Json]", respelled(cast("Mapping[str, Json]", stack.template), way))


def test_there_are_enough_weakenings_of_every_layer_and_consequence_to_mean_something() -> None:
    layers = Counter(mutant.layer for mutant in WEAKENINGS)
    assert len({(mutant.layer, mutant.what) for mutant in WEAKENINGS}) == len(WEAKENINGS) >= 300
    assert set(layers) == {"access", "api", "compute", "data", "edge", "model", "monitoring", "network", "whole"}
    assert {name for mutant in WEAKENINGS for name in mutant.right} == set(NAMES)
    assert Counter(next(iter(change.right)) for change in HARMLESS).keys() == {"same", "stricter", "other"}
    assert len(HARMLESS) >= 200
