"""The estimates that were last accepted, one line for each item, so that a review shows what changes."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path

from pydantic import TypeAdapter

from policy.model import WrittenStack

from .estimate import Estimate, estimate

ACCEPTED = Path(__file__).with_name("accepted.json")
_ESTIMATES = TypeAdapter(list[Estimate])


def estimates_of(stages: Mapping[str, Sequence[WrittenStack]]) -> list[Estimate]:
    """Return what each stage costs; AWS on this machine costs nothing."""
    return [estimate(stacks) for name, stacks in sorted(stages.items()) if name != "local"]


def read_estimates(file: Path = ACCEPTED) -> Mapping[str, Estimate]:
    """Return the accepted estimates by environment; none where there is no such file."""
    if not file.exists():
        return {}
    return {one.environment: one for one in _ESTIMATES.validate_json(file.read_text())}


def written(estimates: Sequence[Estimate]) -> str:
    """Return the file's text."""
    blocks = []
    for one in estimates:
        items = ",\n".join(f"    {json.dumps(asdict(item))}" for _, items in one.layers() for item in items)
        head = f'"environment": {json.dumps(one.environment)}, "restaurants": {json.dumps(one.restaurants)}'
        blocks.append(f'  {{{head}, "items": [\n{items}\n  ]}}')
    return "[\n" + ",\n".join(blocks) + "\n]\n"
