"""Secrets that a person fills in, and whether one did."""

import json
from collections.abc import Iterator
from functools import partial

from .account import Account
from .check import Answer, Check, ok, to_do

# By output of the stack Data. Until somebody fills them in they hold this word (flux_infra/data/secrets.py).
FILLED_IN_BY_HAND = ("SquareWebhookSecretName", "SquareAccessSecretName", "SquareApplicationSecretName")
PLACEHOLDER = "fill-in"


def checks(account: Account) -> Iterator[Check]:
    """One row for each."""
    for output in FILLED_IN_BY_HAND:
        yield Check(
            what=f"secret {output.removesuffix('SecretName')}",
            needed="filled in",
            ask=partial(_filled_in, account, output),
            emulated=True,
        )


def _filled_in(account: Account, output: str) -> Answer:
    data = account.deployed.get("Data")
    name = data.outputs.get(output) if data else None
    if name is None:
        return to_do("not deployed yet", "deploy, then run this again")
    value: dict[str, str] = json.loads(account.secrets.get_secret_value(SecretId=name)["SecretString"])
    waiting = [field for field, text in value.items() if PLACEHOLDER in text]
    if not waiting:
        return ok("filled in")
    return to_do(
        f"{', '.join(waiting)} of {name} says {PLACEHOLDER!r}",
        f"aws secretsmanager put-secret-value --secret-id {name} --secret-string ..., as docs/deploy-to-aws.md has it "
        "under 'Connect Square'",
    )
