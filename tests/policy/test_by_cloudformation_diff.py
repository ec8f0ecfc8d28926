"""AWS's own comparison of templates, the one of `cdk diff`, as a witness: what it replaces or deletes is named."""

import json
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import cast

import pytest

from flux_infra.constructs.names import LAYERS
from policy.changes.consequence import Consequence
from policy.facts.surface import surface
from policy.model import WrittenStack
from policy.stateful import STATEFUL_TYPES
from policy.values import Json, as_map, as_text
from tests.infra.templates import PROJECT

from .small_stack import compare

_PROGRAM = PROJECT / "tests" / "policy" / "cloudformation_diff.mjs"

type Template = Mapping[str, Json]


def impacts(pairs: Sequence[tuple[Template, Template]]) -> list[dict[str, str]]:
    command = [str(PROJECT / "node_modules" / ".bin" / "node"), str(_PROGRAM)]
    done = subprocess.run(command, input=json.dumps(pairs), capture_output=True, text=True, check=True)
    return cast("list[dict[str, str]]", json.loads(done.stdout))


@pytest.fixture(params=LAYERS)
def layer(request: pytest.FixtureRequest, production: list[WrittenStack]) -> WrittenStack:
    (found,) = [stack for stack in production if stack.layer == request.param]
    return found


def holding(stack: WrittenStack, resources: Mapping[str, Json]) -> WrittenStack:
    return replace(stack, template={**stack.template, "Resources": resources})


def stateful(stack: WrittenStack) -> dict[str, Mapping[str, Json]]:
    resources = as_map(stack.template["Resources"])
    return {name: as_map(body) for name, body in resources.items() if as_map(body)["Type"] in STATEFUL_TYPES}


def lost(before: WrittenStack, after: WrittenStack) -> set[str]:
    """The subjects of the rows that need an approval."""
    return {
        subject
        for row in compare([before], [after])
        if row.consequence is Consequence.LOSES_DATA
        for subject in row.subjects
    }


def subject(stack: WrittenStack, logical_id: str) -> str:
    alone = holding(stack, {logical_id: as_map(stack.template["Resources"])[logical_id]})
    (line,) = [line for line in surface([alone]) if " is AWS::" in line]
    return line.partition(" is ")[0]


def test_a_layer_that_is_new_loses_nothing(layer: WrittenStack) -> None:
    (found,) = impacts([({}, layer.template)])
    assert set(found.values()) == {"WILL_CREATE"}
    assert lost(holding(layer, {}), layer) == set()


def test_a_layer_that_goes_loses_what_holds_state(layer: WrittenStack) -> None:
    (found,) = impacts([(layer.template, {})])
    assert set(found) == set(as_map(layer.template["Resources"]))
    assert lost(layer, holding(layer, {})) >= {subject(layer, name) for name in stateful(layer)}


def changed(value: Json) -> Json:
    return f"{value}x" if isinstance(value, str) else not value if isinstance(value, bool) else None


def one_changed(stack: WrittenStack) -> Iterator[tuple[str, str, WrittenStack, WrittenStack]]:
    """Every property of every resource with state, changed alone."""
    for name, body in stateful(stack).items():
        properties = as_map(body.get("Properties"))
        before = holding(stack, {name: body})
        for key, value in properties.items():
            if (other := changed(value)) is not None:
                yield name, key, before, holding(stack, {name: {**body, "Properties": {**properties, key: other}}})


def test_one_change_that_replaces_what_holds_state_is_named(layer: WrittenStack) -> None:
    cases = list(one_changed(layer))
    found = impacts([(before.template, after.template) for _, _, before, after in cases])
    unnamed = [
        f"{as_text(as_map(as_map(before.template['Resources'])[name])['Type'])} {key}"
        for (name, key, before, after), impact in zip(cases, found, strict=True)
        if impact[name] == "WILL_REPLACE" and not lost(before, after)
    ]
    assert not unnamed, "; ".join(unnamed)
