"""What an environment may say about itself, and the rules it must obey.

Every rule is checked when the value is made, so a bad configuration fails at synth, before anything is deployed.
"""

import ipaddress
import re
from dataclasses import dataclass, replace
from typing import Literal, Self


class ConfigError(ValueError):
    """A configuration value breaks a rule; the message names field, value, rule and remedy."""


def _require(holds: bool, field: str, value: object, rule: str) -> None:  # noqa: FBT001 - reads as a sentence
    if not holds:
        raise ConfigError(f"{field}={value!r}: {rule}")


@dataclass(frozen=True, kw_only=True)
class OptOut:
    """A safeguard switched off on purpose. There is no way to write one without its reason."""

    reason: str

    def __post_init__(self) -> None:
        _require(
            len(self.reason.split()) >= 4,
            "OptOut.reason",
            self.reason,
            "too short; say why in a sentence that a successor can judge",
        )


def _require_reason(value: bool | OptOut, field: str) -> None:  # noqa: FBT001 - the value under test
    _require(
        value is not False,
        field,
        value,
        "a safeguard is never just off; give OptOut(reason=...) so the report says why",
    )


@dataclass(frozen=True, kw_only=True)
class Network:
    """The VPC.

    cidr: the VPC's IPv4 range; /16 to /20, so that three tiers of subnets over three zones fit.
    zones: Availability Zones to span, 2 or 3 (an RDS standby needs a second one).
    nat_gateways: 1 (cheap; a zone's failure stops outbound calls) up to one per zone.
    """

    cidr: str
    zones: int
    nat_gateways: int

    def __post_init__(self) -> None:
        try:
            network = ipaddress.IPv4Network(self.cidr)
        except ValueError as error:
            raise ConfigError(
                f"Network.cidr={self.cidr!r}: not an IPv4 range ({error}); write one like '10.20.0.0/16'"
            ) from error
        _require(
            16 <= network.prefixlen <= 20, "Network.cidr", self.cidr, "must be a /16 to /20 so that all subnets fit"
        )
        _require(
            network.is_private, "Network.cidr", self.cidr, "must be a private range (RFC 1918), like '10.20.0.0/16'"
        )
        _require(self.zones in (2, 3), "Network.zones", self.zones, "must be 2 or 3; a standby needs a second zone")
        _require(
            1 <= self.nat_gateways <= self.zones,
            "Network.nat_gateways",
            self.nat_gateways,
            f"must be 1 to {self.zones}, one per zone at the most; POS providers are reached through it",
        )


# Memory of the RDS instance classes that Flux may use, GiB (RDS User Guide, "DB instance classes").
DATABASE_MEMORY_GIB = {
    "t4g.medium": 4,
    "t4g.large": 8,
    "r7g.large": 16,
    "r7g.xlarge": 32,
    "r7g.2xlarge": 64,
    "r7g.4xlarge": 128,
}


@dataclass(frozen=True, kw_only=True)
class Database:
    """The PostgreSQL instance.

    instance_class: RDS class without the `db.` prefix; fixes memory and so max_connections.
    storage_gib: storage at creation, GiB; it grows by itself up to four times this.
    backup_days: point-in-time recovery window, days (FSBP RDS.11 asks for at least 7; we keep 14).
    standby: a synchronous copy in a second zone, or the reason for having none.
    reserved_connections: kept free for people, migrations and RDS itself.
    """

    instance_class: str
    storage_gib: int
    backup_days: int
    standby: bool | OptOut = True
    reserved_connections: int = 20

    def __post_init__(self) -> None:
        _require(
            self.instance_class in DATABASE_MEMORY_GIB,
            "Database.instance_class",
            self.instance_class,
            f"not among {', '.join(DATABASE_MEMORY_GIB)}; add a new class with its memory to DATABASE_MEMORY_GIB",
        )
        _require(20 <= self.storage_gib <= 16_384, "Database.storage_gib", self.storage_gib, "must be 20 to 16384 GiB")
        _require(
            14 <= self.backup_days <= 35,
            "Database.backup_days",
            self.backup_days,
            "must be 14 to 35; RDS keeps no more",
        )
        _require_reason(self.standby, "Database.standby")

    @property
    def max_connections(self) -> int:
        """PostgreSQL's default on RDS: memory in bytes / 9,531,392, at most 5,000 (RDS User Guide, Quotas)."""
        return min(DATABASE_MEMORY_GIB[self.instance_class] * 1024**3 // 9_531_392, 5_000)

    @property
    def connection_budget(self) -> int:
        """Connections that all the functions together may hold."""
        return self.max_connections - self.reserved_connections


@dataclass(frozen=True, kw_only=True)
class Cache:
    """The Valkey replication group.

    node_class: ElastiCache class without the `cache.` prefix.
    failover: a replica in a second zone that takes over by itself, or the reason for having none.
    """

    node_class: str
    failover: bool | OptOut = True

    def __post_init__(self) -> None:
        _require_reason(self.failover, "Cache.failover")


@dataclass(frozen=True, kw_only=True)
class Model:
    """The SageMaker endpoint.

    instance_class: SageMaker class without the `ml.` prefix.
    instances: serving instances at the start, at least 2 where a zone's failure must not stop forecasts.
    """

    instance_class: str
    instances: int

    def __post_init__(self) -> None:
        _require(1 <= self.instances <= 20, "Model.instances", self.instances, "must be 1 to 20 (account quota)")


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
        _require(
            128 <= self.memory_mib <= 10_240, "FunctionSize.memory_mib", self.memory_mib, "must be 128 to 10240 MiB"
        )
        _require(
            1 <= self.timeout_seconds <= 900, "FunctionSize.timeout_seconds", self.timeout_seconds, "must be 1 to 900 s"
        )
        _require(
            self.concurrency >= 1,
            "FunctionSize.concurrency",
            self.concurrency,
            "must be at least 1; 0 stops the function",
        )


@dataclass(frozen=True, kw_only=True)
class Worker(FunctionSize):
    """A function fed by a queue.

    polled_concurrency: instances that the queue may start at once (`MaximumConcurrency`, 2 to 1000). Below
        `concurrency`, because a throttled poller counts as a failed receive and fills the dead-letter queue.
    """

    polled_concurrency: int

    def __post_init__(self) -> None:
        super().__post_init__()
        _require(
            2 <= self.polled_concurrency < self.concurrency,
            "Worker.polled_concurrency",
            self.polled_concurrency,
            f"must be 2 or more and below concurrency={self.concurrency}, or throttled messages reach the DLQ",
        )


@dataclass(frozen=True, kw_only=True)
class Functions:
    """The sizes of the six functions; api, sync, forecast and migrate hold one database connection per instance."""

    api: FunctionSize
    webhook: FunctionSize
    sync: Worker
    forecast: Worker
    migrate: FunctionSize = FunctionSize(memory_mib=512, timeout_seconds=900, concurrency=1)
    release_gate: FunctionSize = FunctionSize(memory_mib=256, timeout_seconds=120, concurrency=4)

    def __post_init__(self) -> None:
        # API Gateway's HTTP APIs give up after 30 s; a function that may run longer works for nobody.
        for name, size in (("api", self.api), ("webhook", self.webhook)):
            _require(
                size.timeout_seconds <= 29,
                f"Functions.{name}.timeout_seconds",
                size.timeout_seconds,
                "must be 29 or less; API Gateway stops waiting at 30 s",
            )

    @property
    def database_connections(self) -> int:
        """Connections held when every instance of every function is busy."""
        return self.api.concurrency + self.sync.concurrency + self.forecast.concurrency + self.migrate.concurrency


@dataclass(frozen=True, kw_only=True)
class Throttle:
    """API Gateway's limit for the whole API: steady requests per second, and the burst above it."""

    rate: int
    burst: int

    def __post_init__(self) -> None:
        _require(self.rate >= 1, "Throttle.rate", self.rate, "must be 1 request/s or more; 0 refuses everything")
        _require(self.burst >= self.rate, "Throttle.burst", self.burst, f"must be at least rate={self.rate}")


@dataclass(frozen=True, kw_only=True)
class Domain:
    """A name of our own, and the public hosted zone that serves it.

    name: what people type, like `app.flux.example`.
    zone_name, zone_id: the Route 53 hosted zone that `name` lies in.
    """

    name: str
    zone_name: str
    zone_id: str

    def __post_init__(self) -> None:
        _require(
            self.name == self.zone_name or self.name.endswith("." + self.zone_name),
            "Domain.name",
            self.name,
            f"must lie in zone_name={self.zone_name!r}; Route 53 can only answer for names in its zone",
        )


# CodeDeploy's predefined configurations that an environment may choose (CodeDeploy User Guide, "Deployment configurations").
TrafficShift = Literal["ALL_AT_ONCE", "CANARY_10PERCENT_5MINUTES", "CANARY_10PERCENT_10MINUTES"]

# CloudWatch Logs accepts only certain numbers of days; these are the ones that make sense for Flux.
LOG_RETENTION_DAYS = (7, 14, 30, 90, 180, 365, 400, 731)


@dataclass(frozen=True, kw_only=True)
class FluxConfig:
    """One environment of Flux. Everything that differs between environments is here; nothing else is.

    name: lower case; ends in stack names (`Flux-<name>`) and in operators' names (`flux-<name>-alerts`).
    account, region: where it lives.
    alert_email: who hears of alarms.
    traffic_shift: how a new function version gets its traffic.
    log_days: retention of every log group, days.
    square_api_url: base address of Square's API; its sandbox outside production.
    domain: a name of our own, or None for CloudFront's.
    disposable: True if everything in it may be deleted with its stacks; production-like environments keep their data.
    """

    name: str
    account: str
    region: str
    network: Network
    database: Database
    cache: Cache
    model: Model
    functions: Functions
    throttle: Throttle
    alert_email: str
    traffic_shift: TrafficShift
    log_days: int
    square_api_url: str
    domain: Domain | None = None
    disposable: bool = False

    def __post_init__(self) -> None:
        _require(
            re.fullmatch(r"[a-z][a-z0-9-]{1,19}", self.name) is not None,
            "FluxConfig.name",
            self.name,
            "must be 2 to 20 lower-case letters, digits or '-', beginning with a letter; it ends in resource names",
        )
        _require(
            self.account.isdigit() and len(self.account) == 12,
            "FluxConfig.account",
            self.account,
            "an AWS account is 12 digits; find it with 'aws sts get-caller-identity'",
        )
        _require(
            self.region == "us-east-1",
            "FluxConfig.region",
            self.region,
            "must be us-east-1; CloudFront reads its certificate and web ACL only there",
        )
        _require(
            re.fullmatch(r"[^@\s]+@[^@\s]+\.[^@\s]+", self.alert_email) is not None,
            "FluxConfig.alert_email",
            self.alert_email,
            "not an e-mail address; alarms would reach nobody",
        )
        _require(
            self.log_days in LOG_RETENTION_DAYS,
            "FluxConfig.log_days",
            self.log_days,
            f"must be one of {LOG_RETENTION_DAYS}, which CloudWatch Logs accepts",
        )
        wanted, budget = self.functions.database_connections, self.database.connection_budget
        _require(
            wanted <= budget,
            "FluxConfig.functions",
            wanted,
            f"{self.name}'s functions may hold {wanted} connections at once but {self.database.instance_class} leaves "
            f"{budget}; lower a concurrency or take a larger Database.instance_class",
        )

    def named(self, name: str) -> Self:
        """The same environment under another name: how a preview is made from dev."""
        return replace(self, name=name)
