"""The alarms that somebody hears, with what each says."""

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from flux_infra.config import Severity
from flux_infra.constructs.alarm_words import runbook_in
from flux_infra.constructs.names import alarm_name, topic_arn

from ..aws import Aws

if TYPE_CHECKING:
    from mypy_boto3_cloudwatch.type_defs import CompositeAlarmTypeDef, MetricAlarmTypeDef


@dataclass(frozen=True, kw_only=True)
class HeardAlarm:
    """An alarm that fires.

    says: what has happened to whom, and what to do first. runbook: its address, or "".
    explained_by: the alarm that fires for the same cause and keeps this one quiet, or "".
    """

    name: str
    severity: Severity
    since: datetime
    says: str
    runbook: str
    explained_by: str


@dataclass(frozen=True, kw_only=True)
class Alarms:
    """Those that fire, pages first, and how many watch."""

    firing: tuple[HeardAlarm, ...]
    watching: int

    def of(self, severity: Severity) -> tuple[HeardAlarm, ...]:
        """Those that fire with this severity."""
        return tuple(alarm for alarm in self.firing if alarm.severity is severity)


def read_alarms(aws: Aws) -> Alarms:
    """Ask for all: an alarm that speaks to none of our topics is a part of another one."""
    topics = {topic_arn(aws.config, severity): severity for severity in Severity}
    pages = aws.alarms.get_paginator("describe_alarms").paginate(
        AlarmNamePrefix=alarm_name(aws.config, ""), AlarmTypes=["CompositeAlarm", "MetricAlarm"]
    )
    firing: list[HeardAlarm] = []
    watching = 0
    for page in pages:
        found: list[CompositeAlarmTypeDef | MetricAlarmTypeDef] = [
            *page.get("CompositeAlarms", []),
            *page.get("MetricAlarms", []),
        ]
        for alarm in found:
            severities = [topics[action] for action in alarm.get("AlarmActions", []) if action in topics]
            watching += bool(severities)
            if severities and alarm["StateValue"] == "ALARM":
                firing.append(_heard(alarm, severities[0]))
    pages_first = list(Severity).index
    return Alarms(
        firing=tuple(sorted(firing, key=lambda alarm: (pages_first(alarm.severity), alarm.since))), watching=watching
    )


def _heard(alarm: "CompositeAlarmTypeDef | MetricAlarmTypeDef", severity: Severity) -> HeardAlarm:
    description = alarm.get("AlarmDescription", "")
    suppressed = str(alarm.get("ActionsSuppressedBy", "")) == "Alarm"
    return HeardAlarm(
        name=alarm["AlarmName"],
        severity=severity,
        since=alarm["StateUpdatedTimestamp"],
        says=description.partition(" Runbook: ")[0],
        runbook=runbook_in(description),
        explained_by=str(alarm.get("ActionsSuppressor", "")).rsplit(":", 1)[-1] if suppressed else "",
    )
