"""The baseline of each AWS account, one stack per account. Optional: Flux runs without it.

An app of its own, because an administrator deploys it by hand and the environments' app must not be able to:
`cdk deploy --app '.venv/bin/python -m flux_infra.apps.account' --build '' Flux-account-prod`.
"""

from aws_cdk import App

from flux_infra.account.stack import AccountStack
from flux_infra.environments import account_baselines

app = App()
for baseline in account_baselines():
    AccountStack(app, baseline=baseline)
app.synth()
