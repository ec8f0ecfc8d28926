"""One restore drill, from the backup to the clean-up."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from flux_infra.config import Backups
from flux_infra.constructs.names import database_identifier

from ..aws import Aws
from ..database import ask_migrate
from ..errors import OpsError
from ..stacks import DeployedStack
from .backups import RecoveryPoint, back_up_now, latest
from .checks import Check, Inspection, compare, inspect, judge, words
from .instance import await_available, find_instance, refuse_leftovers, restored

if TYPE_CHECKING:
    from mypy_boto3_rds.type_defs import DBInstanceTypeDef

# A row's time is its transaction's begin, and it is in a backup only if the transaction was committed before; none of
# Flux's lasts for longer than this.
_COMMIT_SECONDS = 60

# RDS says "available" a little before a new password is in force.
_PASSWORD_SECONDS = 600


@dataclass(frozen=True, kw_only=True)
class DrillOptions:
    """What an operator asks for. sample: of how many restaurants rows are counted."""

    backup_now: bool = False
    sample: int = 25


@dataclass(frozen=True, kw_only=True)
class Drill:
    """What a drill found.

    lost: between the backup and the drill's begin, so what a disaster at that moment would have cost (RPO).
    took: from the begin of the restore to the first answer (RTO).
    """

    environment: str
    point: RecoveryPoint
    lost: timedelta
    took: timedelta
    live: Inspection
    restored: Inspection
    checks: tuple[Check, ...]

    @property
    def passed(self) -> bool:
        """Whether the backup is whole, and the targets are met."""
        return all(check.passed for check in self.checks)


def run_drill(aws: Aws, options: DrillOptions, *, echo: Callable[[str], None]) -> Drill:
    """Restore the latest backup beside the live database, compare the two, delete what was restored.

    Raises:
        OpsError: it could not be carried out; nothing of it is left, unless the message says so.
    """
    settings = _settings(aws)
    data, compute = DeployedStack.read(aws, "Data"), DeployedStack.read(aws, "Compute")
    live = _live(aws)
    refuse_leftovers(aws)
    if options.backup_now:
        echo("taking a backup first")
        back_up_now(aws, data, settings, database=live["DBInstanceArn"])
    point = latest(aws, data, database=live["DBInstanceArn"])
    echo(f"the latest backup is {point.snapshot}, taken {point.taken:%Y-%m-%d %H:%M:%S} UTC")
    began, clock = datetime.now(UTC), time.monotonic()
    as_of = point.taken - timedelta(seconds=_COMMIT_SECONDS)
    with restored(aws, data, live, point, echo=echo) as instance:
        echo("available; giving its owner today's password")
        ask_migrate(aws, compute, {"action": "adopt", "instance": instance})
        await_available(aws, instance)
        _await_answer(aws, compute, instance, as_of=as_of)
        took = timedelta(seconds=time.monotonic() - clock)
        echo("it answers; counting rows here and there")
        ours = inspect(aws, compute, as_of=as_of, sample=options.sample)
        alike = [restaurant.id for restaurant in ours.sample]
        theirs = inspect(aws, compute, as_of=as_of, instance=instance, restaurants=alike)
    lost = began - point.taken
    return Drill(
        environment=aws.config.name,
        point=point,
        lost=lost,
        took=took,
        live=ours,
        restored=theirs,
        checks=(*compare(ours, theirs), *judge(settings, lost=lost, took=took)),
    )


def _settings(aws: Aws) -> Backups:
    settings = aws.config.backups
    if isinstance(settings, Backups):
        return settings
    raise OpsError(
        f"{aws.config.name} has no backups: {settings.reason}",
        remedy="run the drill where there are some, or give it FluxConfig.backups in flux_infra/environments.py",
    )


def _live(aws: Aws) -> "DBInstanceTypeDef":
    name = database_identifier(aws.config)
    found = find_instance(aws, name)
    if found is None:
        raise OpsError(
            f"there is no live database {name} to compare with",
            remedy="if it is lost, this is no drill: follow docs/runbooks/restore-the-database.md",
        )
    return found


def _await_answer(aws: Aws, compute: DeployedStack, instance: str, *, as_of: datetime) -> None:
    deadline = time.monotonic() + _PASSWORD_SECONDS
    while True:
        try:
            inspect(aws, compute, as_of=as_of, instance=instance, restaurants=[])  # the least that reads its tables
        except OpsError as error:
            if "OperationalError" not in error.why or time.monotonic() > deadline:
                raise
            time.sleep(aws.poll_seconds)
        else:
            return


def as_text(drill: Drill) -> str:
    """Every check on a line, and the verdict last."""
    width = max(len(check.what) for check in drill.checks)
    there, live = drill.restored, drill.live
    lines = [
        f"Restore drill of Flux {drill.environment}",
        f"  backup {drill.point.snapshot}, taken {_moment(drill.point.taken)}",
        f"  newest sale      restored {_moment(there.newest_sale)}, live {_moment(live.newest_sale)}",
        f"  newest forecast  restored {_moment(there.newest_forecast)}, live {_moment(live.newest_forecast)}",
        f"  schema           restored {there.revision}, live {live.revision}",
        "",
        *(f"  {'ok    ' if check.passed else 'FAILED'}  {check.what:{width}}  {check.found}" for check in drill.checks),
        "",
    ]
    failed = sum(not check.passed for check in drill.checks)
    verdict = "passed" if drill.passed else f"FAILED: {failed} of {len(drill.checks)} checks"
    lines.append(
        f"Drill {verdict}. Achieved: recovery point {words(drill.lost)}, recovery time {words(drill.took)}. "
        "The restored instance is deleted."
    )
    return "\n".join(lines)


def _moment(moment: datetime | None) -> str:
    return "none" if moment is None else f"{moment:%Y-%m-%d %H:%M:%S} UTC"
