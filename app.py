"""Every environment of Flux, one Stage each."""

from aws_cdk import App

from flux_infra.config import BypassedAlarms
from flux_infra.constructs.artifacts import BuiltArtifacts
from flux_infra.environments import environments
from flux_infra.stage import FluxStage
from policy.packs import acknowledge, watch

app = App()
artifacts = BuiltArtifacts.read(app.node.try_get_context("artifacts"))
bypassed = BypassedAlarms.of(app.node.try_get_context("bypass_alarms"))
watch(app)
for config in environments(preview=app.node.try_get_context("preview"), bypassed_alarms=bypassed):
    acknowledge(FluxStage(app, config, artifacts=artifacts), config)
app.synth()
