"""What an environment says about its functions, and which there are: the one list of them."""

from dataclasses import dataclass, fields

from .checked import checked
from .function_settings import uses_database
from .rules import is_sentence, require

# Rotation functions that log in to PostgreSQL: the functions' login and its owner's.
_DATABASE_ROTATIONS = 2


@checked
@dataclass(frozen=True, kw_only=True)
class LatencyObjective:
    """How long somebody waits for a function before it counts as broken, though it would still answer.

    p99_seconds: what its slowest hundredth may take; below its timeout.
    reason: who waits, and why no longer.
    """

    p99_seconds: float
    reason: str

    def __post_init__(self) -> None:
        require(self.p99_seconds > 0, "LatencyObjective.p99_seconds", self.p99_seconds, "must be above 0 s")
        require(
            is_sentence(self.reason),
            "LatencyObjective.reason",
            self.reason,
            "too short; say in a sentence who waits, and why no longer",
        )


@checked
@dataclass(frozen=True, kw_only=True)
class FunctionSize:
    """What one Lambda function may use.

    memory_mib: 128 to 10240; CPU follows memory (one full vCPU at 1769 MiB).
    timeout_seconds: 1 to 900.
    concurrency: reserved concurrency: instances that may run at once, and so connections it may hold.
    """

    memory_mib: int
    timeout_seconds: int
    concurrency: int

    def __post_init__(self) -> None:
        require(
            128 <= self.memory_mib <= 10_240, "FunctionSize.memory_mib", self.memory_mib, "must be 128 to 10240 MiB"
        )
        require(
            1 <= self.timeout_seconds <= 900, "FunctionSize.timeout_seconds", self.timeout_seconds, "must be 1 to 900 s"
        )
        require(
            1 <= self.concurrency <= 10_000,
            "FunctionSize.concurrency",
            self.concurrency,
            "must be 1 to 10000; 0 stops the function",
        )


@checked
@dataclass(frozen=True, kw_only=True)
class ReleasedFunction(FunctionSize):
    """A function that takes traffic, and so is released: each new version by CodeDeploy, judged by gate and alarms.

    latency_objective: how long somebody waits for it, or None where nobody does before its timeout.
    """

    latency_objective: LatencyObjective | None = None

    def __post_init__(self) -> None:
        super().__post_init__()
        require(
            self.release_p99_seconds < self.timeout_seconds,
            "ReleasedFunction.latency_objective.p99_seconds",
            self.release_p99_seconds,
            f"must be below timeout_seconds={self.timeout_seconds}; nothing that is cut off there would be seen",
        )

    @property
    def release_p99_seconds(self) -> float:
        """What a new version's slowest hundredth may take, at most, before it is rolled back.

        Where nobody waits, a quarter of the timeout: a function whose tail comes that near to it fails at the next slow
        database or peak. The gate finds smaller regressions, by comparing with the live version.
        """
        return self.timeout_seconds / 4 if self.latency_objective is None else self.latency_objective.p99_seconds


@checked
@dataclass(frozen=True, kw_only=True)
class Worker(ReleasedFunction):
    """A function fed by a queue.

    polled_concurrency: instances that the queue may start at once (`MaximumConcurrency`, 2 to 1000). Below
        `concurrency`, because a throttled poller counts as a failed receive and fills the dead-letter queue.
    """

    polled_concurrency: int

    def __post_init__(self) -> None:
        super().__post_init__()
        require(
            2 <= self.polled_concurrency < min(self.concurrency, 1_001),
            "Worker.polled_concurrency",
            self.polled_concurrency,
            f"must be 2 to 1000 and below concurrency={self.concurrency}, or throttled messages reach the DLQ",
        )


@checked
@dataclass(frozen=True, kw_only=True)
class Functions:
    """Every package under lambdas/ that is a function, and its size.

    Its type says what it is: a ReleasedFunction gets deployment group, release alarms and the gate's checks; a Worker
    is fed by a queue besides. Whether it uses the database, its Settings say.

    rotation: of each rotation function. ElastiCache may take minutes to change a user.
    """

    api: ReleasedFunction
    webhook: ReleasedFunction
    sync: Worker
    forecast: Worker
    migrate: FunctionSize = FunctionSize(memory_mib=512, timeout_seconds=900, concurrency=1)
    release_gate: FunctionSize = FunctionSize(memory_mib=256, timeout_seconds=120, concurrency=4)
    # Its answers are kept by API Gateway, so hardly anything but forgeries starts it: a few milliseconds each.
    authorizer: ReleasedFunction = ReleasedFunction(memory_mib=512, timeout_seconds=8, concurrency=20)
    rotation: FunctionSize = FunctionSize(memory_mib=256, timeout_seconds=300, concurrency=1)
    # One journey at a time, which ends within 25 s by itself.
    probe: FunctionSize = FunctionSize(memory_mib=256, timeout_seconds=30, concurrency=1)

    def __post_init__(self) -> None:
        # API Gateway's HTTP APIs give up after 30 s; a function that may run longer works for nobody.
        for name, size in (("api", self.api), ("webhook", self.webhook)):
            require(
                size.timeout_seconds <= 29,
                f"Functions.{name}.timeout_seconds",
                size.timeout_seconds,
                "must be 29 or less; API Gateway stops waiting at 30 s",
            )
        require(
            self.authorizer.timeout_seconds <= 9,
            "Functions.authorizer.timeout_seconds",
            self.authorizer.timeout_seconds,
            "must be 9 or less; API Gateway stops waiting for an authorizer at 10 s",
        )

    def size(self, package: str) -> FunctionSize:
        """Return the size of the function with this package."""
        size: FunctionSize = getattr(self, package)
        return size

    @property
    def database_connections(self) -> int:
        """Connections held when every instance of every function is busy; each instance holds one."""
        counts = {"rotation": _DATABASE_ROTATIONS}
        names = [each.name for each in fields(self) if uses_database(each.name)]
        return sum(counts.get(name, 1) * self.size(name).concurrency for name in names)


def _named(kind: type[FunctionSize]) -> tuple[str, ...]:
    return tuple(each.name for each in fields(Functions) if isinstance(each.type, type) and issubclass(each.type, kind))


# By package, in the order of Functions.
FUNCTIONS = _named(FunctionSize)
RELEASED_FUNCTIONS = _named(ReleasedFunction)
WORKERS = _named(Worker)
