"""The local stage, synthesized within this process.

As `cdk synth` does it, which starts two programs and builds every environment first: seconds that the proof would spend
on each of its releases. What is deployed at first comes from the ordinary command, and `cdk diff` shows no difference
between the two.
"""

from pathlib import Path

from flux_infra.apps.entry import build_app
from flux_infra.constructs.artifacts import BuiltArtifacts
from flux_infra.environments import LOCAL
from flux_infra.stage import FluxStage
from policy.packs import acknowledge_zones

# What the CLI adds to the context of cdk.json; without it the templates would lack their metadata.
_ADDED_BY_THE_CLI = {"aws:cdk:enable-path-metadata": True}

# Bundles are uploaded from where they were built. A copy in each assembly would be ten thousand files more.
_WITHOUT_COPIES = {"aws:cdk:disable-asset-staging": True}


def synthesize(folder: Path, *, artifacts: Path) -> None:
    """Synthesize the local stage into `folder`, from the artifacts in another one."""
    app = build_app(outdir=folder, context=_ADDED_BY_THE_CLI | _WITHOUT_COPIES)
    FluxStage(app, LOCAL, artifacts=BuiltArtifacts.read(str(artifacts)))
    acknowledge_zones(app)
    app.synth()
