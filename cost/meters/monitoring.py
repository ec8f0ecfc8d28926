"""Alarms and dashboards."""

from collections.abc import Iterator

from policy.model import Resource

from ..meter import MILLION, Meters, Site, Use
from ..traffic import SECONDS

METERS = Meters()


@METERS.of("AWS::CloudWatch::Alarm")
def alarm(resource: Resource, site: Site) -> Iterator[Use]:
    """Every metric that it reads; an expression is none."""
    read = sum("MetricStat" in metric for metric in resource.items("Metrics")) or 1
    yield Use(item="alarms", price="alarm", quantity=read)


@METERS.of("AWS::CloudWatch::CompositeAlarm")
def composite_alarm(resource: Resource, site: Site) -> Iterator[Use]:
    """Each."""
    yield Use(item="composite alarms", price="composite-alarm", quantity=1)


@METERS.of("AWS::CloudWatch::Dashboard")
def dashboard(resource: Resource, site: Site) -> Iterator[Use]:
    """Each: it shows more metrics than the free ones may."""
    yield Use(item="dashboards", price="dashboard", quantity=1)


@METERS.of("AWS::CloudWatch::MetricStream")
def metric_stream(resource: Resource, site: Site) -> Iterator[Use]:
    """An update a minute of each metric of its namespaces. What Firehose takes for their gigabytes is cents."""
    updates = site.traffic.streamed_metrics * SECONDS / 60
    yield Use(item="metric stream", price="metric-updates", quantity=updates / MILLION, traffic=True)
