"""The baseline of each AWS account, one stack per account. Optional: Flux runs without it.

An app of its own, because an administrator deploys it by hand and the environments' app must not be able to:
`cdk deploy --app '.venv/bin/python -m flux_infra.apps.account' --build '' Flux-account-prod`.
"""

from .entry import build_app, one_line_errors

with one_line_errors():
    from ..account.stack import AccountStack
    from ..environments import account_baselines

    app = build_app()
    for baseline in account_baselines():
        AccountStack(app, baseline=baseline)
    app.synth()
