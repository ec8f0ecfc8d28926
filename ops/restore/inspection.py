"""What the migrate function, which alone can reach the databases, tells of their rows."""

from collections.abc import Mapping
from datetime import datetime

from pydantic import BaseModel, ConfigDict

from ..aws import Aws
from ..migrate_function import ask_migrate
from ..stacks import DeployedStack


class RestaurantRows(BaseModel):
    """One restaurant's rows by table, and a digest of its last sales."""

    model_config = ConfigDict(frozen=True)

    id: str
    rows: Mapping[str, int]
    last_sales: str | None


class Inspection(BaseModel):
    """What a database holds; see lambdas/migrate/inspection.py."""

    model_config = ConfigDict(frozen=True)

    revision: str
    restaurants: int
    table_bytes: Mapping[str, int]
    sample: tuple[RestaurantRows, ...]
    newest_sale: datetime | None
    newest_forecast: datetime | None


def inspect_live(aws: Aws, compute: DeployedStack, *, as_of: datetime, sample: int) -> Inspection:
    """Look into the live database. as_of: count only rows that were there at this moment. sample: of how many."""
    request = {"action": "inspect", "as_of": as_of.isoformat(), "sample": sample}
    return Inspection.model_validate(ask_migrate(aws, compute, request))


def inspect_restored(
    aws: Aws, compute: DeployedStack, instance: str, *, as_of: datetime, like: Inspection
) -> Inspection:
    """Look into a restored database, at the same restaurants as in another."""
    request = {
        "action": "inspect",
        "instance": instance,
        "as_of": as_of.isoformat(),
        "restaurants": [restaurant.id for restaurant in like.sample],
    }
    return Inspection.model_validate(ask_migrate(aws, compute, request))


def adopt(aws: Aws, compute: DeployedStack, instance: str) -> None:
    """Let the owner of today log in to a restored database."""
    ask_migrate(aws, compute, {"action": "adopt", "instance": instance})


def answers(aws: Aws, compute: DeployedStack, instance: str, *, as_of: datetime) -> None:
    """Ask a restored database the least that needs an answer from its tables."""
    request = {"action": "inspect", "instance": instance, "as_of": as_of.isoformat(), "restaurants": []}
    ask_migrate(aws, compute, request)
