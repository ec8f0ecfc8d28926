"""What every environment is made of, and the owner's with a name of their own, as the estimates read it."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from flux_infra.config import Domain, FluxConfig
from flux_infra.environments import PROD, environments
from policy.assembly import read_stage
from policy.model import WrittenStack
from tests.infra.placeholders import write_placeholders
from tests.infra.templates import Templates

DOMAIN = Domain(name="app.flux.example", zone_name="flux.example", zone_id="Z0123456789ABCDEFGHIJ")

type Stages = Mapping[str, Sequence[WrittenStack]]


@pytest.fixture(scope="session")
def stages(tmp_path_factory: pytest.TempPathFactory) -> Stages:
    """By name; a preview and production under a name of its own among them."""
    artifacts = write_placeholders(tmp_path_factory.mktemp("artifacts"))

    def synthesized(config: FluxConfig) -> Sequence[WrittenStack]:
        outdir: Path = tmp_path_factory.mktemp(config.name)
        Templates.synthesize(config, artifacts=artifacts, outdir=outdir)
        return read_stage(outdir)

    every = {config.name: synthesized(config) for config in environments(preview="pr-7") if config.name != "local"}
    return every | {"owner": synthesized(replace(PROD, domain=DOMAIN))}
