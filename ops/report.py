"""A status as a person reads it, and as a program does."""

import json
from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime

from .status import Status

_ORDINARY = ("CREATE_COMPLETE", "UPDATE_COMPLETE")


def as_text(status: Status, *, outputs: bool = False) -> str:
    """A page of tables; what is out of the ordinary stands beside what it belongs to. outputs: those of stacks too."""
    parts = [
        table(("SITE", status.site), [("HEALTH", status.health)]),
        table(
            ("LAYER", "LIVE", "SINCE (UTC)", "COMMIT", ""),
            [(layer.name, layer.live, _time(layer.since), layer.commit or "-", layer.note) for layer in status.layers],
        ),
        table(
            ("DEPLOYMENTS", "", "STATUS", "BEGAN (UTC)", "BY", ""),
            [
                (
                    f"{name} {each.current} -> {each.target}",
                    each.identifier,
                    each.status,
                    _time(each.began),
                    each.creator,
                    each.reason or each.description,
                )
                for name, deployments in status.deployments.items()
                for each in deployments
            ],
        ),
        table(
            ("ALARMS", "SINCE (UTC)", ""), [(alarm.name, _time(alarm.since), alarm.reason) for alarm in status.alarms]
        ),
        table(("STACKS", ""), [stack for stack in status.stacks.items() if stack[1] not in _ORDINARY]),
        table(("ROLLED BACK", ""), list(status.marks.items())),
        table(("OUTPUTS", ""), sorted(status.outputs.items()) if outputs else []),
    ]
    quiet = [] if status.alarms else ["No alarm is firing."]
    return "\n\n".join([f"Flux {status.environment}", *filter(None, parts), *quiet])


def as_json(status: Status) -> str:
    """The same as JSON; times in ISO 8601."""
    return json.dumps(asdict(status), default=datetime.isoformat, indent=2)


def _time(moment: datetime | None) -> str:
    return "-" if moment is None else f"{moment:%Y-%m-%d %H:%M}"


def table(head: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> str:
    """Columns as wide as their widest cell; nothing if there are no rows."""
    if not rows:
        return ""
    widths = [max(len(row[column]) for row in (head, *rows)) for column in range(len(head))]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in (head, *rows)
    )
