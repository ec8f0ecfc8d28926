"""The trust between GitHub Actions and each AWS account, one stack per account.

An app of its own, because an administrator deploys it by hand and the environments' app must not be able to:
`cdk deploy --app '.venv/bin/python -m flux_infra.apps.delivery' --build '' Flux-delivery-prod`.
"""

from itertools import groupby

from .entry import build_app, one_line_errors

with one_line_errors():
    from ..delivery.identities import identities
    from ..delivery.stack import DeliveryStack
    from ..environments import DELIVERY, environments

    app = build_app()
    by_account = sorted(identities(DELIVERY, environments()), key=lambda identity: identity.environment.account)
    for _, ours in groupby(by_account, key=lambda identity: identity.environment.account):
        DeliveryStack(app, identities=tuple(ours))
    app.synth()
