"""Alarms that are firing."""

from dataclasses import dataclass
from datetime import datetime

from .aws import Aws


@dataclass(frozen=True, kw_only=True)
class FiringAlarm:
    """An alarm in ALARM, since when, and why CloudWatch says so."""

    name: str
    since: datetime
    reason: str


def firing(aws: Aws, names: list[str] | None = None) -> list[FiringAlarm]:
    """The environment's alarms that are in ALARM; with `names` only those."""
    pages = aws.alarms.get_paginator("describe_alarms").paginate(
        AlarmNamePrefix=f"flux-{aws.config.name}-", StateValue="ALARM"
    )
    return [
        FiringAlarm(name=alarm["AlarmName"], since=alarm["StateUpdatedTimestamp"], reason=alarm.get("StateReason", ""))
        for page in pages
        for alarm in page["MetricAlarms"]
        if names is None or alarm["AlarmName"] in names
    ]
