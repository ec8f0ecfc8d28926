"""The local stage, synthesized within this process.

As `cdk synth 'Flux-local/*' -c only=local --no-validation` does it, without two programs to start and ten thousand
files to copy: scanners and CDK's own validation judge what is shipped, in `make synth`.
"""

import sys
from pathlib import Path

from flux_infra.apps.entry import build_app, one_line_errors
from flux_infra.constructs.artifacts import BuiltArtifacts
from flux_infra.environments import LOCAL
from flux_infra.stage import FluxStage

# What the CLI adds to the context of cdk.json; without it the templates would lack their metadata.
_ADDED_BY_THE_CLI = {"aws:cdk:enable-path-metadata": True}

# Bundles are uploaded from where they were built. A copy in each assembly would be ten thousand files more.
_WITHOUT_COPIES = {"aws:cdk:disable-asset-staging": True}


def synthesize(folder: Path, *, artifacts: Path) -> None:
    """Synthesize the local stage into `folder`, from the artifacts in another one."""
    app = build_app(outdir=folder, context=_ADDED_BY_THE_CLI | _WITHOUT_COPIES)
    FluxStage(app, LOCAL, artifacts=BuiltArtifacts.read(str(artifacts)))
    app.synth()


if __name__ == "__main__":  # FOLDER ARTIFACTS
    with one_line_errors():
        synthesize(Path(sys.argv[1]), artifacts=Path(sys.argv[2]))
