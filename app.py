"""Every environment of Flux, one Stage each."""

from aws_cdk import App

from flux_infra.building.artifacts import BuiltArtifacts
from flux_infra.environments import environments
from flux_infra.stage import FluxStage

app = App()
artifacts = BuiltArtifacts.read(app.node.try_get_context("artifacts"))
for config in environments(preview=app.node.try_get_context("preview")):
    FluxStage(app, config, artifacts=artifacts)
app.synth()
