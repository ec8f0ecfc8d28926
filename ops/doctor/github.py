"""The trust between GitHub Actions and the account, where a branch or previews are deployed to it."""

import json
from collections.abc import Iterator
from functools import partial
from urllib.parse import unquote

from botocore.exceptions import ClientError

from flux_infra.delivery.identities import ISSUER, Identity, identities
from flux_infra.environments import DELIVERY

from .account import Account
from .check import Answer, Check, ok, to_do, unknown


def checks(account: Account) -> Iterator[Check]:
    """The identity provider, whom each role trusts, and what GitHub sends."""
    roles = identities(DELIVERY, [account.config])
    if not roles:
        return
    deploy = (
        "scripts/cdk deploy --app '.venv/bin/python -m flux_infra.apps.delivery' --build '' "
        f"Flux-delivery-{account.config.name}"
    )
    yield Check(what="GitHub's identity provider", needed=ISSUER, ask=lambda: _provider(account, deploy), emulated=True)
    for role in roles:
        yield Check(
            what=f"role {role.role_name}",
            needed=f"trusts {' and '.join(role.subjects)}",
            ask=partial(_trust, account, role, deploy),
            emulated=True,
        )
    yield Check(what="subject of GitHub's tokens", needed="as the roles trust it", ask=_form, emulated=True)


def _provider(account: Account, deploy: str) -> Answer:
    found = account.roles.list_open_id_connect_providers()["OpenIDConnectProviderList"]
    there = any(provider["Arn"].endswith(f":oidc-provider/{ISSUER}") for provider in found)
    return ok("there") if there else to_do("none: no workflow can deploy", deploy)


def _trust(account: Account, role: Identity, deploy: str) -> Answer:
    try:
        document = account.roles.get_role(RoleName=role.role_name)["Role"]["AssumeRolePolicyDocument"]
    except ClientError as error:
        if error.response["Error"]["Code"] != "NoSuchEntity":
            raise
        return to_do("no such role", deploy)
    trusted = _subjects(document)
    present = " and ".join(sorted(trusted)) or "nobody"
    return ok(present) if trusted.issuperset(role.subjects) else to_do(f"trusts {present}", deploy)


def _subjects(document: object) -> set[str]:
    """The subjects of GitHub's that a trust policy names; boto3 gives it parsed or, encoded, as IAM sent it."""
    policy = json.loads(unquote(document)) if isinstance(document, str) else document
    if not isinstance(policy, dict):
        return set()
    found: set[str] = set()
    for statement in policy["Statement"]:
        for condition in statement.get("Condition", {}).values():
            named = condition.get(f"{ISSUER}:sub", [])
            found |= {named} if isinstance(named, str) else set(named)
    return found


def _form() -> Answer:
    """Repositories made, renamed or moved since 2026-07-15 send ids beside names (GitHub changelog, 2026-04-23)."""
    return unknown(
        "GitHub knows, and AWS does not",
        f"gh api repos/{DELIVERY.repository} --jq '.created_at, .owner.id, .id': made, renamed or moved since "
        "2026-07-15, its tokens say repo:OWNER@ID/NAME@ID instead of repo:OWNER/NAME; write the two numbers into "
        "DELIVERY (docs/deploy-to-aws.md)",
    )
