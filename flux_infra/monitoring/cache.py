"""Monitoring of Valkey."""

from collections.abc import Sequence

from aws_cdk import aws_cloudwatch as cloudwatch
from constructs import Construct

from ..config import FluxConfig, Severity
from .section import FIVE_MINUTES, Section

CPU_PERCENT = 80  # of the one thread that runs commands
MEMORY_PERCENT = 80


class CacheSection(Section):
    """What a Valkey node runs out of: its command thread, and memory. ElastiCache counts both per node."""

    def __init__(self, scope: Construct, construct_id: str, *, config: FluxConfig, node_ids: Sequence[str]) -> None:
        super().__init__(scope, construct_id, title="Cache", config=config)
        cpu = _highest("EngineCPUUtilization", node_ids, label="CPU")
        cpu_alarm = self._alarm(
            "cache-cpu",
            severity=Severity.TICKET,
            metric=cpu,
            threshold=CPU_PERCENT,
            periods=3,
            impact=f"Valkey's command thread has been over {CPU_PERCENT} % for a quarter of an hour; rate limits and "
            "cached reads become slow.",
            first="look for slow commands in its slow log and for traffic that has grown on the dashboard.",
            runbook="an-alarm-fires",
        )
        memory = _highest("DatabaseMemoryUsagePercentage", node_ids, label="memory")
        memory_alarm = self._alarm(
            "cache-memory",
            severity=Severity.TICKET,
            metric=memory,
            threshold=MEMORY_PERCENT,
            periods=3,
            impact=f"Valkey holds over {MEMORY_PERCENT} % of what fits; it will soon throw out entries still in use.",
            first="look for keys without an expiry; else take a larger node class.",
            runbook="an-alarm-fires",
        )
        self._graph("Cache: CPU of the command thread, %", [cpu], alarms=[cpu_alarm])
        self._graph("Cache: memory, %", [memory], alarms=[memory_alarm])
        self._graph("Cache: evictions", [_highest("Evictions", node_ids, label="evictions", statistic="Sum")])


def _highest(
    metric_name: str, node_ids: Sequence[str], *, label: str, statistic: str = "Maximum"
) -> cloudwatch.MathExpression:
    return cloudwatch.MathExpression(
        expression="MAX(METRICS())",
        using_metrics={
            f"node{number}": cloudwatch.Metric(
                namespace="AWS/ElastiCache",
                metric_name=metric_name,
                dimensions_map={"CacheClusterId": node_id},
                statistic=statistic,
                period=FIVE_MINUTES,
            )
            for number, node_id in enumerate(node_ids, start=1)
        },
        period=FIVE_MINUTES,
        label=label,
    )
