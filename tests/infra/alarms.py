"""An environment's alarms as its template has them."""

from collections.abc import Mapping
from typing import cast

from tests.infra.templates import Resource, Templates, resources

ALARM = "AWS::CloudWatch::Alarm"
COMPOSITE = "AWS::CloudWatch::CompositeAlarm"


def alarms_by_id(environment: Templates) -> Mapping[str, Resource]:
    """The monitoring layer's alarms of both kinds by logical id."""
    return {
        logical_id: cast("Resource", resource["Properties"])
        for kind in (ALARM, COMPOSITE)
        for logical_id, resource in resources(environment.monitoring, kind).items()
    }


def subject_of(environment: Templates, alarm: Resource) -> str:
    """An alarm's name without `flux-<environment>-`."""
    return str(alarm["AlarmName"]).removeprefix(f"flux-{environment.config.name}-")


def spoken_alarms(environment: Templates) -> Mapping[str, Resource]:
    """Those that somebody hears of, by subject; the others are parts of these, or silence them."""
    return {
        subject_of(environment, alarm): alarm
        for alarm in alarms_by_id(environment).values()
        if alarm.get("AlarmActions")
    }
