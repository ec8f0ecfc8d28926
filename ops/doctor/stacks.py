"""Stacks that an earlier deployment left in a state from which no deployment goes on."""

from collections.abc import Iterator

from flux_infra.constructs.names import LAYERS

from .account import Account
from .check import Answer, Check, missing, ok, to_do

# The CDK CLI deletes a stack in ROLLBACK_COMPLETE by itself and creates it anew, unless it is protected.
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
    stuck = {stack.name: stack.status for stack in account.deployed.values() if stack.status not in _GOES_ON}
    if stuck:
        return missing(
            "; ".join(f"{name} is {status}" for name, status in stuck.items()),
            "wait while one is IN_PROGRESS; then docs/runbooks/failed-first-deployment.md for one that never was "
            "complete, else aws cloudformation continue-update-rollback --stack-name NAME",
        )
    empty = [stack.name for stack in account.deployed.values() if stack.status == "ROLLBACK_COMPLETE"]
    protected = [name for name in empty if _protected(account, name)]
    if protected:
        return missing(
            f"{', '.join(protected)}: not created, but protected, so that the next deployment cannot delete it",
            "docs/runbooks/failed-first-deployment.md",
        )
    absent = [layer for layer in LAYERS if layer not in account.deployed]
    if len(absent) == len(LAYERS):
        return ok("none deployed yet")
    if absent or empty:
        return to_do(
            f"not deployed: {', '.join([*absent, *empty])}", f"scripts/cdk deploy 'Flux-{account.config.name}/*'"
        )
    return ok(f"{len(account.deployed)} deployed")


def _protected(account: Account, name: str) -> bool:
    (stack,) = account.aws.stacks.describe_stacks(StackName=name)["Stacks"]
    return stack.get("EnableTerminationProtection", False)
