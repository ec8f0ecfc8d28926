"""Every environment, written once as `cdk synth` writes it."""

from pathlib import Path

import pytest

from flux_infra.environments import environments
from flux_infra.policy.assembly import WrittenStack, read_stage
from flux_infra.stage import FluxStage
from tests.infra.placeholder_artifacts import PlaceholderArtifacts
from tests.infra.templates import build_app


@pytest.fixture(scope="session")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """All environments and a preview. Built-in validation has its own test, and would cost most of the time."""
    folder = tmp_path_factory.mktemp("written")
    artifacts = PlaceholderArtifacts.in_folder(tmp_path_factory.mktemp("placeholders"))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CDK_VALIDATION", "false")
        app = build_app(folder)
        for config in environments(preview="pr-7"):
            FluxStage(app, config, artifacts=artifacts)
        app.synth()
    return folder


@pytest.fixture(scope="session")
def production(written: Path) -> list[WrittenStack]:
    return read_stage(written / "assembly-Flux-prod")
