"""Monitoring of PostgreSQL."""

from aws_cdk import Duration
from aws_cdk import aws_cloudwatch as cloudwatch
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

GROWTH_DAYS = 14  # two weeks to find out what grows, or to buy more
_DAY = Duration.days(1)  # shorter ones take a nightly vacuum for growth

# PostgreSQL refuses writes shortly before 2.1 thousand million, and begins to vacuum for it at 200 million
# ("Preventing Transaction ID Wraparound Failures", PostgreSQL's documentation): at half of it vacuum has not helped.
TRANSACTIONS = 1_000_000_000

LATENCY_SECONDS = 0.02  # gp3 storage answers within a few milliseconds


class DatabaseSection(Section):
    """What a PostgreSQL instance runs out of: CPU, storage and its speed, connections, memory, transaction ids."""

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
        self._growth(instance)
        self._latency(instance)
        self._transactions(instance)

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

    def _growth(self, instance: rds.IDatabaseInstance) -> None:
        self._alarm(
            "database-growth",
            severity=Severity.TICKET,
            metric=cloudwatch.MathExpression(
                expression=f"(0 - RATE(free)) * {GROWTH_DAYS * int(_DAY.to_seconds())} / free",
                using_metrics={"free": instance.metric_free_storage_space(statistic="Minimum", period=_DAY)},
                period=_DAY,
                label=f"share of the free storage that {GROWTH_DAYS} days take",
            ),
            threshold=1,
            impact=f"As the database has grown since yesterday, its storage is full in {GROWTH_DAYS} days, or RDS has "
            "to enlarge it before.",
            first="see how far RDS may enlarge it, and which table has grown.",
            runbook="an-alarm-fires",
        )

    def _latency(self, instance: rds.IDatabaseInstance) -> None:
        metric = cloudwatch.MathExpression(
            expression="MAX([read, write])",
            using_metrics={
                word: instance.metric(f"{word.title()}Latency", statistic="Average", period=FIVE_MINUTES)
                for word in ("read", "write")
            },
            period=FIVE_MINUTES,
            label="the slower of reads and writes",
        )
        alarm = self._alarm(
            "database-latency",
            severity=Severity.TICKET,
            metric=metric,
            threshold=LATENCY_SECONDS,
            periods=3,
            impact=f"The database's disk has taken over {LATENCY_SECONDS * 1000:g} ms for a read or a write for a "
            "quarter of an hour; everything waits for it.",
            first="see in Database Insights which statements read and write the most; else its storage is too slow.",
            runbook="an-alarm-fires",
        )
        self._graph("Database: latency of its disk, s", [metric], alarms=[alarm])

    def _transactions(self, instance: rds.IDatabaseInstance) -> None:
        metric = instance.metric(
            "MaximumUsedTransactionIDs", statistic="Maximum", period=FIVE_MINUTES, label="oldest transaction's age"
        )
        alarm = self._alarm(
            "database-transactions",
            severity=Severity.TICKET,
            metric=metric,
            threshold=TRANSACTIONS,
            periods=3,
            impact="Vacuum does not keep up: half of PostgreSQL's transaction ids are used, and at the end it refuses "
            "every write.",
            first="end the oldest transaction, and drop replication slots that nobody reads; then vacuum can go on.",
            runbook="an-alarm-fires",
        )
        self._graph("Database: age of the oldest transaction id", [metric], alarms=[alarm])
