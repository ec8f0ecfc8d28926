"""What an operator does to a DB instance, done to its PostgreSQL: stop it, start it, reboot it.

The states that each of them needs: RDS API Reference, StopDBInstance, StartDBInstance, RebootDBInstance. The requests
answer when the work is done; on RDS it takes minutes.
"""
# ruff: noqa: SLF001 - ministack's private names; each is listed in ministack.txt

from collections.abc import Callable
from functools import partial

from ministack.services import rds

from .rds import DATABASES, Database
from .rds_actions import Action, Answer, Parameters, refusal, text
from .servers.unprivileged import ServerError


def _acting(stock: Action, parameters: Parameters, *, needs: str, act: Callable[[Database], None]) -> Answer:
    """Do it, if the instance is in the state that it needs, and answer as ministack does."""
    instance = text(parameters, "DBInstanceIdentifier")
    database, record = DATABASES.get(instance), rds._instances.get(instance)
    if database is None or record is None:
        return stock(parameters)
    if record["DBInstanceStatus"] != needs:
        return refusal("InvalidDBInstanceState", f"Instance {instance} is not in {needs} state.")
    if text(parameters, "ForceFailover") == "true" and not record["MultiAZ"]:
        return refusal(
            "InvalidParameterCombination",
            "Cannot specify ForceFailover when the instance is not configured for MultiAZ.",
        )
    try:
        act(database)
    except ServerError as error:
        return refusal("InternalFailure", str(error))
    return stock(parameters)


def install() -> None:
    """Put PostgreSQL behind ministack's records of what is done to it."""
    for action, needs, act in (
        ("StopDBInstance", "available", lambda database: database.server.stop()),
        ("StartDBInstance", "stopped", lambda database: database.server.start()),
        ("RebootDBInstance", "available", lambda database: database.server.start()),
    ):
        rds._ACTION_MAP[action] = partial(_acting, rds._ACTION_MAP[action], needs=needs, act=act)
