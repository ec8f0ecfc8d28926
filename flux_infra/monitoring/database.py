"""Monitoring of PostgreSQL."""

from aws_cdk import aws_rds as rds
from constructs import Construct

from ..config import FluxConfig, Severity
from .section import FIVE_MINUTES, Section

GIB = 1024**3

CPU_PERCENT = 80
CONNECTIONS_OF_BUDGET = 0.9  # the last tenth is the time to act in
FREE_MEMORY = 0.05  # of the instance's; PostgreSQL uses the rest on purpose, and swaps below this

# RDS enlarges the storage at 10 % free, but not within six hours of the last time ("Managing capacity automatically
# with storage autoscaling", RDS User Guide). Under this share it has not helped.
FREE_STORAGE = 0.05


class DatabaseSection(Section):
    """What a PostgreSQL instance runs out of: CPU, storage, connections, memory."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        config: FluxConfig,
        instance: rds.IDatabaseInstance,
    ) -> None:
        super().__init__(scope, construct_id, title="Database", config=config)
        self._cpu(instance)
        self._connections(instance, int(config.database.connection_budget * CONNECTIONS_OF_BUDGET))
        self._memory(instance, int(config.database.memory_gib * GIB * FREE_MEMORY))
        self._storage(instance, int(config.database.storage_gib * GIB * FREE_STORAGE))

    def _cpu(self, instance: rds.IDatabaseInstance) -> None:
        metric = instance.metric_cpu_utilization(statistic="Average", period=FIVE_MINUTES, label="CPU")
        alarm = self._alarm(
            "database-cpu",
            severity=Severity.TICKET,
            metric=metric,
            threshold=CPU_PERCENT,
            periods=3,
            impact=f"PostgreSQL has been over {CPU_PERCENT} % CPU for a quarter of an hour; queries queue up.",
            first="find the top statements in Database Insights; a missing index or a new release is likelier than "
            "growth.",
            runbook="an-alarm-fires",
        )
        self._graph("Database: CPU, %", [metric], alarms=[alarm])

    def _connections(self, instance: rds.IDatabaseInstance, threshold: int) -> None:
        metric = instance.metric_database_connections(statistic="Maximum", period=FIVE_MINUTES, label="connections")
        alarm = self._alarm(
            "database-connections",
            severity=Severity.TICKET,
            metric=metric,
            threshold=threshold,
            periods=2,
            impact=f"Over {threshold} connections are open, nine tenths of what the functions may hold; soon some "
            "cannot connect.",
            first="see which function runs at its reserved concurrency; look for sessions idle in transaction.",
            runbook="an-alarm-fires",
        )
        self._graph("Database: connections", [metric], alarms=[alarm])

    def _memory(self, instance: rds.IDatabaseInstance, threshold: int) -> None:
        metric = instance.metric("FreeableMemory", statistic="Minimum", period=FIVE_MINUTES, label="free memory")
        alarm = self._alarm(
            "database-memory",
            severity=Severity.TICKET,
            metric=metric,
            threshold=threshold,
            below=True,
            periods=3,
            impact=f"PostgreSQL has under {threshold // 1024**2} MiB of memory left; it will swap, then fail.",
            first="look for many connections or large sorts in Database Insights; else take a larger instance class.",
            runbook="an-alarm-fires",
        )
        self._graph("Database: free memory, bytes", [metric], alarms=[alarm])

    def _storage(self, instance: rds.IDatabaseInstance, threshold: int) -> None:
        metric = instance.metric_free_storage_space(statistic="Minimum", period=FIVE_MINUTES, label="free storage")
        alarm = self._alarm(
            "database-storage",
            severity=Severity.PAGE,
            metric=metric,
            threshold=threshold,
            below=True,
            periods=2,
            impact=f"Under {threshold / GIB:.0f} GiB of storage are free, although it should have grown by itself; "
            "at zero PostgreSQL stops.",
            first="raise the instance's storage by hand; then look for a replication slot or a table that grows.",
            runbook="database-storage",
        )
        self._graph("Database: free storage, bytes", [metric], alarms=[alarm])
