"""The alarms that an environment must have: what each watches, and how sharply."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from flux_infra.config import DATABASE_MEMORY_GIB, ReleasedFunction

from .model import Environment
from .workloads import RELEASED, ROTATIONS, SERVING

GIB = 1024**3
# Statistics that see one bad value; for a metric that falls, the least.
LARGEST, SMALLEST, TOTAL, MEAN = ("Maximum",), ("Minimum",), ("Sum",), ("Average", "Maximum")
TAIL = ("p95", "p99", "p99.9")


@dataclass(frozen=True, kw_only=True)
class ExpectedAlarm:
    """One alarm.

    subject: its name without `flux-<environment>-`. metrics: metric name to the dimensions of each series of it.
    threshold: from and to, in the metric's unit. expression: of several series, without spaces; empty for one series.
    minutes: the longest that the condition may have to last. at_least_minutes: the shortest.
    below: whether it fires under its threshold.
    silence: what a period without data means.
    inclusive: whether the bounds are those of `at or above`, as of alarms on releases, and not of `above`.
    """

    subject: str
    namespace: str
    metrics: Mapping[str, tuple[Mapping[str, str], ...]]
    statistics: tuple[str, ...]
    threshold: tuple[float, float]
    expression: str = ""
    minutes: float = 15
    at_least_minutes: float = 1
    below: bool = False
    inclusive: bool = False
    silence: str = "notBreaching"


def expected_alarms(environment: Environment) -> Iterator[ExpectedAlarm]:
    """Yield every alarm that the environment must have."""
    yield from _database(environment)
    yield from _backups(environment)
    yield from _cache(environment)
    yield from _queues()
    yield from _functions()
    yield from _rotations()
    yield from _releases(environment)
    yield from _outside(environment)
    yield from _model_releases(environment)
    yield from _domain(environment)


def _database(environment: Environment) -> Iterator[ExpectedAlarm]:
    watched = ({"DBInstanceIdentifier": "${Data/DatabaseInstance}"},)
    config = environment.config.database if environment.config else None
    connections = config.connection_budget if config else 5_000
    storage = (config.storage_gib if config else 20) * GIB
    memory = DATABASE_MEMORY_GIB[config.instance_class] * GIB if config else 64 * GIB
    for subject, metric, statistics, threshold, below in (
        ("database-cpu", "CPUUtilization", MEAN, (50.0, 90.0), False),
        ("database-connections", "DatabaseConnections", LARGEST, (connections / 2, float(connections)), False),
        ("database-memory", "FreeableMemory", SMALLEST, (memory / 40, memory / 4), True),
        ("database-storage", "FreeStorageSpace", SMALLEST, (storage / 25, storage / 2), True),
    ):
        yield ExpectedAlarm(
            subject=subject,
            namespace="AWS/RDS",
            metrics={metric: watched},
            statistics=statistics,
            threshold=threshold,
            below=below,
        )


def _backups(environment: Environment) -> Iterator[ExpectedAlarm]:
    vault = ({"BackupVaultName": "${Data/BackupsVault.BackupVaultName}"},)
    if environment.backed_up:
        yield ExpectedAlarm(
            subject="backup-failed",
            namespace="AWS/Backup",
            metrics={f"NumberOfBackupJobs{state}": vault for state in ("Aborted", "Expired", "Failed")},
            statistics=TOTAL,
            threshold=(0, 0),
            expression="SUM(METRICS())",
        )
    if environment.copy_region:
        yield ExpectedAlarm(
            subject="backup-copy-failed",
            namespace="AWS/Backup",
            metrics={"NumberOfCopyJobsFailed": vault},
            statistics=TOTAL,
            threshold=(0, 0),
        )
    if environment.backed_up and environment.kept:
        yield ExpectedAlarm(
            subject="backup-missing",
            namespace="AWS/Backup",
            metrics={"NumberOfBackupJobsCompleted": vault},
            statistics=TOTAL,
            threshold=(1, 1),
            minutes=2 * 24 * 60,
            at_least_minutes=24 * 60,  # there is one backup a day
            below=True,
            silence="breaching",  # no jobs at all is what it is for
        )


def _cache(environment: Environment) -> Iterator[ExpectedAlarm]:
    group = environment.named("Data/CacheReplicationGroup")
    nodes = int((group.number("NumCacheClusters") if group else 1) or 1)
    series = tuple({"CacheClusterId": f"${{Data/CacheReplicationGroup}}-{n:03}"} for n in range(1, nodes + 1))
    for subject, metric in (("cache-cpu", "EngineCPUUtilization"), ("cache-memory", "DatabaseMemoryUsagePercentage")):
        yield ExpectedAlarm(
            subject=subject,
            namespace="AWS/ElastiCache",
            metrics={metric: series},
            statistics=LARGEST,
            threshold=(50, 90),
            expression="MAX(METRICS())",
        )


def _queues() -> Iterator[ExpectedAlarm]:
    # The longest that work may wait, seconds: sales are near real time, forecasts have the night.
    for name, construct, longest in (("pos-sync", "PosSync", 900), ("forecast", "Forecasts", 7_200)):
        yield ExpectedAlarm(
            subject=f"{name}-age",
            namespace="AWS/SQS",
            metrics={
                "ApproximateAgeOfOldestMessage": ({"QueueName": f"${{Compute/Queues{construct}Queue.QueueName}}"},)
            },
            statistics=LARGEST,
            threshold=(60, longest),
        )
        letters = {"QueueName": f"${{Compute/Queues{construct}DeadLetters.QueueName}}"}
        yield ExpectedAlarm(
            subject=f"{name}-dead-letters",
            namespace="AWS/SQS",
            metrics={"ApproximateNumberOfMessagesVisible": (letters,)},
            statistics=LARGEST,
            threshold=(0, 0),
            minutes=5,
        )


def _functions() -> Iterator[ExpectedAlarm]:
    yield ExpectedAlarm(
        subject="lambda-errors",
        namespace="AWS/Lambda",
        metrics={"Errors": tuple({"FunctionName": f"${{{workload.name}}}"} for workload in SERVING)},
        statistics=TOTAL,
        threshold=(0, 20),
        expression="+".join(f"FILL({workload.config},0)" for workload in SERVING),
    )
    for workload in SERVING:
        yield ExpectedAlarm(
            subject=f"{workload.config.replace('_', '-')}-throttles",
            namespace="AWS/Lambda",
            metrics={"Throttles": ({"FunctionName": f"${{{workload.name}}}"},)},
            statistics=TOTAL,
            threshold=(0, 10),
        )


def _rotations() -> Iterator[ExpectedAlarm]:
    yield ExpectedAlarm(
        subject="rotation-errors",
        namespace="AWS/Lambda",
        metrics={"Errors": tuple({"FunctionName": f"${{{workload.name}}}"} for workload in ROTATIONS)},
        statistics=TOTAL,
        threshold=(0, 0),
        expression="+".join(f"FILL({workload.service_name.replace('-', '_')},0)" for workload in ROTATIONS),
    )


def _releases(environment: Environment) -> Iterator[ExpectedAlarm]:
    """The alarms that take a release back: within a minute, on the version that is being released."""
    most = environment.config.rollback_errors if environment.config else 5
    for workload in RELEASED:
        function = f"${{{workload.name}}}"
        version = f"${{{workload.part('FunctionCurrentVersion')}.Version}}"
        alias = {"FunctionName": function, "Resource": f"{function}:live"}
        released = {**alias, "ExecutedVersion": version}
        emitted = {"FunctionName": function, "ExecutedVersion": version}
        counts = [("error", "AWS/Lambda", "Errors", released)]
        if workload.counts_server_errors:
            counts.append(("server-error", "Flux", "ServerErrors", emitted))
        for subject, namespace, metric, dimensions in counts:
            yield _in_a_minute(
                f"{workload.config}-release-{subject}s",
                namespace,
                {metric: (dimensions,), "Invocations": (released,)},
                (0.1, 5),
                expression=f"IF(failures>={most},100*failures/invocations,0)",
            )
            yield replace(
                _in_a_minute(
                    f"{workload.config}-release-{subject}s-sustained",
                    namespace,
                    {metric: (dimensions,), "Invocations": (released,)},
                    (1, 3),
                    expression="failures-0.004*invocations",
                ),
                minutes=5,  # what breaks little, or where there is little traffic, shows in no single minute
            )
        yield _in_a_minute(f"{workload.config}-release-throttles", "AWS/Lambda", {"Throttles": (alias,)}, (1, 20))
        yield replace(
            _in_a_minute(
                f"{workload.config}-release-latency",
                "AWS/Lambda",
                {"Duration": (released,)},
                (100, _slowest_milliseconds(environment, workload.config)),
            ),
            statistics=TAIL,
            minutes=3,  # one slow minute is noise
        )
    api = {"FunctionName": "${Compute/FunctionsApiFunction}", "Resource": "${Compute/FunctionsApiFunction}:live"}
    yield _in_a_minute(
        "release-api-5xx",
        "Flux",
        {"ServerErrors": (api,), "Invocations": (api,)},
        (1, 10),
        expression=f"IF(failures>={most},100*failures/invocations,0)",
    )


def _slowest_milliseconds(environment: Environment, function: str) -> float:
    if environment.config is None:
        return 30_000
    size: ReleasedFunction = getattr(environment.config.functions, function)
    return size.release_p99_seconds * 1000


def _in_a_minute(
    subject: str,
    namespace: str,
    metrics: Mapping[str, tuple[Mapping[str, str], ...]],
    threshold: tuple[float, float],
    *,
    expression: str = "",
) -> ExpectedAlarm:
    return ExpectedAlarm(
        subject=subject,
        namespace=namespace,
        metrics=metrics,
        statistics=TOTAL,
        threshold=threshold,
        expression=expression,
        minutes=1,
        inclusive=True,
    )


def _outside(environment: Environment) -> Iterator[ExpectedAlarm]:
    api = ({"ApiId": "${Api/HttpApi}"},)
    yield ExpectedAlarm(
        subject="api-errors",
        namespace="AWS/ApiGateway",
        metrics={"5xx": api, "Count": api},
        statistics=TOTAL,
        threshold=(0.1, 5),
        expression="IF(requests>0,100*failed/requests,0)",
    )
    yield ExpectedAlarm(
        subject="api-latency",
        namespace="AWS/ApiGateway",
        metrics={"Latency": api},
        statistics=TAIL,
        threshold=(100, 2_000),  # ms; Flux promises 1 s
    )
    yield ExpectedAlarm(
        subject="site-errors",
        namespace="AWS/CloudFront",
        metrics={"5xxErrorRate": ({"DistributionId": "${Frontend/EdgeDistribution}", "Region": "Global"},)},
        statistics=MEAN,
        threshold=(0.1, 5),
    )
    variant = ({"EndpointName": f"flux-{environment.name}-forecast", "VariantName": "primary"},)
    yield ExpectedAlarm(
        subject="model-errors",
        namespace="AWS/SageMaker",
        metrics={"Invocation5XXErrors": variant},
        statistics=TOTAL,
        threshold=(0, 20),
    )
    yield ExpectedAlarm(
        subject="model-latency",
        namespace="AWS/SageMaker",
        metrics={"ModelLatency": variant},
        statistics=TAIL,
        threshold=(100_000, 20_000_000),  # microseconds
    )


def _model_releases(environment: Environment) -> Iterator[ExpectedAlarm]:
    """The alarms that take a new model back, where one gets its requests little by little."""
    config = environment.config
    if config and not config.model.bake_minutes:
        return
    variant = {"EndpointName": f"flux-{environment.name}-forecast", "VariantName": "primary"}
    most = config.rollback_errors if config else 5
    yield _in_a_minute("model-release-errors", "AWS/SageMaker", {"Invocation5XXErrors": (variant,)}, (1, most))
    slow = _in_a_minute("model-release-latency", "AWS/SageMaker", {"ModelLatency": (variant,)}, (100_000, 10_000_000))
    yield replace(slow, statistics=TAIL)


def _domain(environment: Environment) -> Iterator[ExpectedAlarm]:
    domain = environment.config.domain if environment.config else None
    if domain is None or domain.owns_zone is not True:
        return
    for subject, metric in (
        ("dnssec-failure", "DNSSECInternalFailure"),
        ("dnssec-key", "DNSSECKeySigningKeysNeedingAction"),
    ):
        yield ExpectedAlarm(
            subject=subject,
            namespace="AWS/Route53",
            metrics={metric: ({"HostedZoneId": domain.zone_id},)},
            statistics=("Sum", "Maximum"),
            threshold=(0, 0),
            minutes=240,  # Route 53 measures no more often
        )
