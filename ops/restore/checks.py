"""Whether a restored database holds what was there when it was backed up, soon enough and new enough."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from pydantic import BaseModel, ConfigDict

from flux_infra.config import Backups

from ..aws import Aws
from ..database import ask_migrate
from ..stacks import DeployedStack

# Of a table's rows, what may be missing although the backup is whole: a changed order replaces its lines, and may have
# more of them today than on the day of the backup. Rows of all other tables are never replaced by more.
_REPLACED = {"transaction_items": 0.01}

# Tables of this size hardly shrink or double in a day, so their files are compared, too: they hold everybody's rows,
# and not only the sample's.
_LARGE_BYTES = 64 * 1024**2
_LEAST_SHARE = 0.8


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


@dataclass(frozen=True, kw_only=True)
class Check:
    """One thing that was looked at. what: as an operator calls it. found: in words."""

    what: str
    passed: bool
    found: str


def compare(live: Inspection, restored: Inspection) -> Iterator[Check]:
    """Yield what the restored database was checked for against the live one."""
    yield _something(live)
    for table in sorted(live.table_bytes):
        yield _rows(table, live, restored)
    yield _last_sales(live, restored)
    for table, size in sorted(live.table_bytes.items()):
        if size >= _LARGE_BYTES:
            yield _size(table, size, restored.table_bytes.get(table, 0))


def judge(settings: Backups, *, lost: timedelta, took: timedelta) -> Iterator[Check]:
    """Yield whether a restore met its targets. lost: what was written in this time is not in it. took: to answer."""
    most = timedelta(hours=settings.rpo_hours)
    yield Check(
        what="recovery point", passed=lost <= most, found=f"at most {words(lost)} of data lost; target {words(most)}"
    )
    longest = timedelta(minutes=settings.rto_minutes)
    yield Check(
        what="recovery time", passed=took <= longest, found=f"answered after {words(took)}; target {words(longest)}"
    )


def _something(live: Inspection) -> Check:
    rows = sum(sum(restaurant.rows.values()) for restaurant in live.sample)
    return Check(
        what="rows to compare",
        passed=rows > 0,
        found=f"{rows} rows of {len(live.sample)} of {live.restaurants} restaurants were there at the backup's time",
    )


def _rows(table: str, live: Inspection, restored: Inspection) -> Check:
    there = {restaurant.id: restaurant.rows.get(table, 0) for restaurant in restored.sample}
    wanted = sum(restaurant.rows.get(table, 0) for restaurant in live.sample)
    # Restaurant by restaurant: one's surplus must not hide another's loss.
    missing = sum(max(0, restaurant.rows.get(table, 0) - there.get(restaurant.id, 0)) for restaurant in live.sample)
    held = sum(there.values())
    found = f"{held} restored, {wanted} live" + (f"; {missing} missing" if missing else "")
    return Check(what=f"rows of {table}", passed=missing <= int(wanted * _REPLACED.get(table, 0)), found=found)


def _last_sales(live: Inspection, restored: Inspection) -> Check:
    there = {restaurant.id: restaurant.last_sales for restaurant in restored.sample}
    other = [restaurant.id for restaurant in live.sample if there.get(restaurant.id) != restaurant.last_sales]
    return Check(
        what="each restaurant's last twenty sales",
        passed=not other,
        found=f"differ for {', '.join(other[:3])}" if other else f"the same for {len(live.sample)} restaurants",
    )


def _size(table: str, live: int, restored: int) -> Check:
    return Check(
        what=f"size of {table}",
        passed=restored >= _LEAST_SHARE * live,
        found=f"{restored // 1024**2} MiB restored, {live // 1024**2} MiB live",
    )


def words(span: timedelta) -> str:
    """A span of time, to the second below an hour and to the minute above."""
    seconds = round(span.total_seconds())
    hours, minutes = seconds // 3_600, seconds % 3_600 // 60
    if hours:
        return f"{hours} h {minutes} min" if minutes else f"{hours} h"
    return f"{minutes} min {seconds % 60} s" if minutes else f"{seconds} s"
