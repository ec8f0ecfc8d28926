"""Every environment of Flux, one Stage each; `-c only=local` builds that one alone."""

import os

from flux_infra.apps.entry import build_app, one_line_errors, text_context

with one_line_errors():
    from flux_infra.config import BypassedAlarms
    from flux_infra.constructs.artifacts import BuiltArtifacts
    from flux_infra.environments import environments
    from flux_infra.stage import FluxStage

    app = build_app()
    configs = environments(
        preview=text_context(app, "preview"),
        only=text_context(app, "only"),
        bypassed_alarms=BypassedAlarms.of(text_context(app, "bypass_alarms")),
    )
    artifacts = BuiltArtifacts.read(text_context(app, "artifacts"))
    for config in configs:
        FluxStage(app, config, artifacts=artifacts)
    # `cdk synth --no-validation`, or CDK_VALIDATION=false, leaves out CDK's own validation; cdk-nag belongs to it.
    if os.environ.get("CDK_VALIDATION") != "false":
        from policy.packs import add_nag_packs

        add_nag_packs(app)
    app.synth()
