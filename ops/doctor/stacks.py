"""Stacks that an earlier deployment left in a state from which no deployment goes on."""

from collections.abc import Iterator

from flux_infra.constructs.names import LAYERS

from .account import Account
from .check import Answer, Check, missing, ok, to_do

# The CDK CLI deletes a stack in ROLLBACK_COMPLETE by itself and creates it anew.
_GOES_ON = {
    "CREATE_COMPLETE",
    "UPDATE_COMPLETE",
    "UPDATE_ROLLBACK_COMPLETE",
    "IMPORT_COMPLETE",
    "ROLLBACK_COMPLETE",
    "REVIEW_IN_PROGRESS",
}


def checks(account: Account) -> Iterator[Check]:
    """One row for the environment."""
    yield Check(
        what="stacks",
        needed="none half-way",
        ask=lambda: _stuck(account),
        emulated=True,
    )


def _stuck(account: Account) -> Answer:
    stuck = [f"{stack.name} is {stack.status}" for stack in account.deployed.values() if stack.status not in _GOES_ON]
    if stuck:
        return missing("; ".join(stuck), "docs/runbooks/failed-first-deployment.md, or wait while one is in progress")
    if not account.deployed:
        return ok("none deployed yet")
    absent = [layer for layer in LAYERS if layer not in account.deployed]
    if absent:
        return to_do(f"not deployed: {', '.join(absent)}", f"scripts/cdk deploy 'Flux-{account.config.name}/*'")
    return ok(f"{len(account.deployed)} deployed")
