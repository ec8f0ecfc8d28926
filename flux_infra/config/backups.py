"""How an environment's database is backed up beyond RDS's own backups, and how well a restore must do."""

from dataclasses import dataclass

from .checked import checked
from .regions import REGIONS
from .rules import require
from .safeguards import OptOut, Safeguard


@checked
@dataclass(frozen=True, kw_only=True)
class Backups:
    """Daily backups in a vault of AWS Backup, apart from the instance that they are of.

    retention_days: how long each is kept, days.
    copy_region: the second region that each is copied to, like `us-west-2`, or the reason for having no copies.
    rpo_hours: the most that a restore from the latest backup may lose, hours (recovery point objective). Not below 25:
        backups are daily, and one takes its time.
    rto_minutes: the longest that it may take until the restored database answers (recovery time objective).
    locked: nobody deletes a backup before its time (Vault Lock), or the reason for no lock.
    """

    retention_days: int
    copy_region: str | OptOut
    rpo_hours: int
    rto_minutes: int
    locked: Safeguard = True

    def __post_init__(self) -> None:
        require(
            1 <= self.retention_days <= 365,
            "Backups.retention_days",
            self.retention_days,
            "must be 1 to 365 days; a locked vault keeps what it has for as long, at its price",
        )
        require(
            isinstance(self.copy_region, OptOut) or self.copy_region in REGIONS,
            "Backups.copy_region",
            self.copy_region,
            "not an AWS region; write one like 'us-west-2', or OptOut(reason=...)",
        )
        require(
            25 <= self.rpo_hours <= 168,
            "Backups.rpo_hours",
            self.rpo_hours,
            "must be 25 to 168; backups are daily, and every drill would miss a smaller one. RDS's point-in-time "
            "recovery, while the instance lives, loses five minutes",
        )
        require(
            5 <= self.rto_minutes <= 1_440,
            "Backups.rto_minutes",
            self.rto_minutes,
            "must be 5 to 1440 minutes; RDS needs some for any restore",
        )
