"""Asks every check, one after the other, and lets none stop the others."""

from collections.abc import Callable, Iterable, Sequence

from botocore.exceptions import BotoCoreError, ClientError

from . import (
    alerts,
    api_throttle,
    backups,
    bootstrap,
    cache_offer,
    database_offer,
    github,
    hosted_zone,
    quotas,
    secrets,
    service_roles,
    stacks,
    zones,
)
from .account import Account
from .check import Answer, Check, Row, unknown

# In the order in which one would mend them.
TABLE: Sequence[Callable[[Account], Iterable[Check]]] = (
    bootstrap.checks,
    zones.checks,
    quotas.checks,
    api_throttle.checks,
    database_offer.checks,
    cache_offer.checks,
    service_roles.checks,
    hosted_zone.checks,
    backups.checks,
    github.checks,
    stacks.checks,
    alerts.checks,
    secrets.checks,
)


def examine(account: Account) -> list[Row]:
    """Every row; the account is only read."""
    return [
        Row(what=check.what, needed=check.needed, answer=ask(account, check))
        for checks in TABLE
        for check in checks(account)
    ]


def ask(account: Account, check: Check) -> Answer:
    """One answer; what the account refuses to say, or AWS on this machine does not have, is not known."""
    if account.aws.url is not None and not check.emulated:
        return unknown("AWS on this machine has no such thing", "run this against the account on AWS")
    try:
        return check.ask()
    except ClientError as error:
        code, message = error.response["Error"]["Code"], error.response["Error"]["Message"]
        return unknown(
            f"{error.operation_name} answered {code}: {message}",
            f"run this with a role that may call {error.operation_name}",
        )
    except BotoCoreError as error:
        return unknown(str(error), "run this again")
