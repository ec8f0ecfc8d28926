"""Every environment, written once as `cdk synth` writes it: by the packs and the ledger of app.py, and validated."""

from pathlib import Path

import pytest

from flux_infra.apps.entry import build_app
from flux_infra.environments import environments
from flux_infra.stage import FluxStage
from policy.assembly import read_stage
from policy.model import WrittenStack
from policy.packs import add_nag_packs
from tests.infra.placeholder_artifacts import PlaceholderArtifacts


@pytest.fixture(scope="session")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """All environments and a preview."""
    folder = tmp_path_factory.mktemp("written")
    artifacts = PlaceholderArtifacts.in_folder(tmp_path_factory.mktemp("placeholders"))
    app = build_app(outdir=folder)
    app.node.set_context("aws:cdk:enable-path-metadata", value=True)  # as the CDK CLI does; cfn-lint heeds it
    add_nag_packs(app)
    for config in environments(preview="pr-7"):
        FluxStage(app, config, artifacts=artifacts)
    app.synth()
    return folder


@pytest.fixture(scope="session")
def production(written: Path) -> list[WrittenStack]:
    return read_stage(written / "assembly-Flux-prod")
