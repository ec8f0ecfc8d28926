"""The accepted surface is what the application synthesizes to."""

from pathlib import Path

import pytest

from policy.accepted import read_accepted, shaped_like, standing
from policy.assembly import read_stages
from policy.facts.surface import surface

REMEDY = "If you mean this: `make accept`, and review the difference of policy/surface."


@pytest.fixture(scope="session")
def surfaces(written: Path) -> dict[str, frozenset[str]]:
    return {stage: surface(stacks) for stage, stacks in read_stages(written).items()}


@pytest.mark.parametrize("environment", [*standing(), "pr-7"])
def test_an_environment_is_what_was_last_accepted(surfaces: dict[str, frozenset[str]], environment: str) -> None:
    accepted, now = read_accepted(environment) or frozenset(), surfaces[environment]
    lines = [*(f"- {line}" for line in accepted - now), *(f"+ {line}" for line in now - accepted)]
    if lines:
        said = "\n".join(sorted(lines, key=lambda line: (line[2:], line[0])))
        pytest.fail(
            f"{environment} differs from policy/surface/{shaped_like(environment)}. {REMEDY}\n{said}", pytrace=False
        )
