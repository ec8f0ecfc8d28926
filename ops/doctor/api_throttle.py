"""API Gateway's own limit for the whole account, which no stage can exceed."""

from collections.abc import Iterator

from .account import Account
from .check import Answer, Check, missing, ok


def checks(account: Account) -> Iterator[Check]:
    """One row."""
    throttle = account.config.throttle
    yield Check(
        what="API Gateway throttle",
        needed=f"{throttle.rate} requests/s, burst {throttle.burst}",
        ask=lambda: _compare(account),
    )


def _compare(account: Account) -> Answer:
    """AWS sets the burst, by the rate (API Gateway Developer Guide, "Throttle requests to your HTTP APIs")."""
    throttle = account.config.throttle
    limits = account.apis.get_account()["throttleSettings"]
    present = f"{limits['rateLimit']:g} requests/s, burst {limits['burstLimit']}"
    if limits["rateLimit"] >= throttle.rate and limits["burstLimit"] >= throttle.burst:
        return ok(present)
    return missing(
        present,
        f"ask AWS Support for a higher account-level throttle, or lower Throttle(...) of {account.config.name} in "
        "flux_infra/environments.py",
    )
