"""The trust between GitHub Actions and each AWS account, one stack per account.

An app of its own, because an administrator deploys it by hand and the environments' app must not be able to:
`cdk deploy --app '.venv/bin/python -m flux_infra.apps.delivery' --build '' Flux-delivery-prod`.
"""

from itertools import groupby

from aws_cdk import App

from flux_infra.delivery.identities import Identity, identities
from flux_infra.delivery.stack import DeliveryStack
from flux_infra.environments import DELIVERY, environments


def account(identity: Identity) -> str:
    """Return the account that an identity's role lives in."""
    return identity.environment.account


app = App()
for _, ours in groupby(sorted(identities(DELIVERY, environments()), key=account), key=account):
    DeliveryStack(app, identities=tuple(ours))
app.synth()
