"""What a drill found, for people."""

from datetime import datetime

from .checks import words
from .drill import Drill


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
