"""What the migrate function, which alone can reach the databases, tells of their rows."""

from collections.abc import Mapping, Sequence
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


def inspect(  # noqa: PLR0913 - what a request may say
    aws: Aws,
    compute: DeployedStack,
    *,
    as_of: datetime,
    sample: int = 25,
    instance: str | None = None,
    restaurants: Sequence[str] | None = None,
) -> Inspection:
    """Look into a database.

    as_of: count only rows that were there at this moment.
    sample: of how many restaurants, unless `restaurants` names them.
    instance: a restored database's; None for the live one.
    """
    request = {"action": "inspect", "as_of": as_of.isoformat(), "sample": sample}
    request |= {"instance": instance, "restaurants": restaurants}
    return Inspection.model_validate(ask_migrate(aws, compute, request))
