"""Synthesize every environment from placeholders: `python -m tests.infra.synthesize <outdir> <placeholders>`."""

import sys
from pathlib import Path

from flux_infra.apps.entry import build_app
from flux_infra.environments import environments
from flux_infra.stage import FluxStage
from tests.infra.placeholder_artifacts import PlaceholderArtifacts

if __name__ == "__main__":
    outdir, placeholders = map(Path, sys.argv[1:])
    app = build_app(outdir=outdir)
    for config in environments():
        FluxStage(app, config, artifacts=PlaceholderArtifacts.in_folder(placeholders))
    app.synth()
