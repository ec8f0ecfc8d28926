"""What every environment is made of, and production with all that may be switched on, as the estimates read it."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from flux_infra.config import FluxConfig
from flux_infra.environments import PROD, environments
from policy.assembly import read_stage
from policy.model import WrittenStack
from tests.infra.conftest import DATADOG, DOMAIN
from tests.infra.placeholders import write_placeholders
from tests.infra.templates import Templates

type Stages = Mapping[str, Sequence[WrittenStack]]


@pytest.fixture(scope="session")
def stages(tmp_path_factory: pytest.TempPathFactory) -> Stages:
    """By name; a preview among them, and production with a name of its own and with Datadog."""
    artifacts = write_placeholders(tmp_path_factory.mktemp("artifacts"))

    def synthesized(config: FluxConfig) -> Sequence[WrittenStack]:
        outdir: Path = tmp_path_factory.mktemp(config.name)
        Templates.synthesize(config, artifacts=artifacts, outdir=outdir)
        return read_stage(outdir)

    every = {config.name: synthesized(config) for config in environments(preview="pr-7") if config.name != "local"}
    return every | {"everything": synthesized(replace(PROD, domain=DOMAIN, datadog=DATADOG))}
