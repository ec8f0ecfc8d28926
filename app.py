"""Every environment of Flux, one Stage each; `-c only=local` builds that one alone."""

import os

from flux_infra.apps.entry import build_app, one_line_errors

with one_line_errors():
    from flux_infra.config import BypassedAlarms
    from flux_infra.constructs.artifacts import BuiltArtifacts
    from flux_infra.environments import environments
    from flux_infra.stage import FluxStage

    app = build_app()
    context = app.node.try_get_context
    configs = environments(
        preview=context("preview"),
        only=context("only"),
        bypassed_alarms=BypassedAlarms.of(context("bypass_alarms")),
    )
    artifacts = BuiltArtifacts.read(context("artifacts"))
    for config in configs:
        FluxStage(app, config, artifacts=artifacts)
    # `cdk synth --no-validation`, or CDK_VALIDATION=false, leaves out CDK's own validation; cdk-nag belongs to it.
    if os.environ.get("CDK_VALIDATION") != "false":
        from policy.packs import add_nag_packs

        add_nag_packs(app)
    app.synth()
