"""Instances that a restore drill made from a backup: where they are, and how their owner logs in.

Only names that begin with `flux-<environment>-drill-` are spoken to: whoever may invoke this function cannot point it,
and the owner's password, at another server.
"""

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError

from .errors import RefusedError

if TYPE_CHECKING:
    from mypy_boto3_rds import RDSClient


@dataclass(frozen=True, kw_only=True)
class Server:
    """Where a PostgreSQL listens."""

    host: str
    port: int


def require_drill(environment: str, instance: str) -> None:
    """Refuse every instance but those of this environment's drills.

    Raises:
        RefusedError: the name is another's.
    """
    prefix = f"flux-{environment}-drill-"
    if re.fullmatch(f"{re.escape(prefix)}[a-z0-9-]+", instance) is None:
        raise RefusedError(f"instance={instance!r}: only instances called {prefix}... are inspected; nothing was asked")


def find_server(rds: "RDSClient", instance: str) -> Server:
    """Ask RDS where an instance listens.

    Raises:
        RefusedError: RDS does not say, or it does not listen yet.
    """
    try:
        (described,) = rds.describe_db_instances(DBInstanceIdentifier=instance)["DBInstances"]
    except (BotoCoreError, ClientError) as error:
        raise RefusedError(f"RDS does not tell where {instance} is: {error}") from error
    match described.get("Endpoint"):
        case {"Address": str(host), "Port": int(port)}:
            return Server(host=host, port=port)
        case _:
            raise RefusedError(f"{instance} does not listen yet; it is {described.get('DBInstanceStatus')}")


def give_password(rds: "RDSClient", instance: str, password: str) -> None:
    """Give the instance's owner today's password: a backup has the one of its time, which was rotated since.

    Raises:
        RefusedError: RDS refuses.
    """
    try:
        rds.modify_db_instance(DBInstanceIdentifier=instance, MasterUserPassword=password, ApplyImmediately=True)
    except (BotoCoreError, ClientError) as error:
        raise RefusedError(f"RDS does not change the password of {instance}: {error}") from error
