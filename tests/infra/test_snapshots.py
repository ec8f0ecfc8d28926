"""Whole templates, so that a refactoring can be seen to change nothing.

What a template must say is asserted one by one elsewhere; a snapshot only shows what a change really changes.
"""

import difflib
import json
import os
import re
from pathlib import Path

import pytest

from tests.infra.templates import LAYERS, Templates

SNAPSHOTS = Path(__file__).parent / "snapshots"
UPDATE = "UPDATE_SNAPSHOTS"
REMEDY = f"If you mean this change: {UPDATE}=1 .venv/bin/pytest tests/infra/test_snapshots.py, and review the diff."

_MASKS = (
    (re.compile(r"[0-9a-f]{64}"), "<asset>"),
    (re.compile(r"(CurrentVersion[0-9A-F]{8})[0-9a-f]{32}"), r"\1<version>"),  # hashes the function with its asset
)


@pytest.mark.parametrize("layer", LAYERS)
def test_a_template_is_the_one_that_was_last_agreed_on(environment: Templates, layer: str) -> None:
    name = environment.config.name
    path = SNAPSHOTS / name / f"{layer}.json"
    now = masked(environment, layer)
    if os.environ.get(UPDATE) == "1":
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(now)
    assert path.exists(), f"There is no snapshot of {name}'s {layer} layer. {REMEDY}"
    before = path.read_text()
    if now != before:
        diff = difflib.unified_diff(before.splitlines(), now.splitlines(), "agreed on", "now", lineterm="", n=2)
        pytest.fail(f"{name}'s {layer} layer has changed. {REMEDY}\n" + "\n".join(diff), pytrace=False)


def test_there_is_no_snapshot_of_what_is_no_longer_there() -> None:
    expected = {f"{name}/{layer}.json" for name in ("local", "dev", "staging", "prod") for layer in LAYERS}
    assert {str(path.relative_to(SNAPSHOTS)) for path in SNAPSHOTS.rglob("*.json")} == expected


def masked(environment: Templates, layer: str) -> str:
    """Return the layer's template as sorted JSON, without the hashes that every change of code changes."""
    template = dict(environment.layers())[layer].to_json()
    text = json.dumps(template, indent=1, sort_keys=True) + "\n"
    for pattern, mask in _MASKS:
        text = pattern.sub(mask, text)
    return text
