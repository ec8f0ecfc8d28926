"""What an environment says about its network, its stores, its model and its edge."""

import ipaddress
from dataclasses import dataclass

from .checked import checked
from .instance_classes import database_memory_gib, require_class
from .rules import ConfigError, require
from .safeguards import Safeguard

# Of us-east-1, without use1-az3: Lambda puts no network interfaces there (Lambda Developer Guide, "Troubleshoot
# networking issues in Lambda").
ZONE_IDS = ("use1-az1", "use1-az2", "use1-az4", "use1-az5", "use1-az6")

_PRIVATE = tuple(ipaddress.IPv4Network(each) for each in ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"))


@checked
@dataclass(frozen=True, kw_only=True)
class Network:
    """The VPC.

    cidr: the VPC's IPv4 range; /16 to /20, so that three tiers of subnets over three zones fit.
    zones: ids of the Availability Zones to span, 2 or 3 of them (an RDS standby needs a second one). Ids and not names:
        an id is one place for everybody, and what the name `us-east-1a` means differs from account to account
        (AWS RAM User Guide, "Availability Zone IDs for your AWS resources").
    nat_gateways: 1 (cheap; a zone's failure stops outbound calls) up to one per zone.
    interface_endpoints: AWS's services are reached inside the VPC; or the reason for reaching them through NAT, which
        lets every function leave the VPC by HTTPS.
    """

    cidr: str
    zones: tuple[str, ...]
    nat_gateways: int
    interface_endpoints: Safeguard = True

    def __post_init__(self) -> None:
        try:
            network = ipaddress.IPv4Network(self.cidr)
        except ValueError as error:
            raise ConfigError(
                f"Network.cidr={self.cidr!r}: not an IPv4 range ({error}); write one like '10.20.0.0/16'"
            ) from error
        require(
            16 <= network.prefixlen <= 20, "Network.cidr", self.cidr, "must be a /16 to /20 so that all subnets fit"
        )
        require(
            any(network.subnet_of(private) for private in _PRIVATE),
            "Network.cidr",
            self.cidr,
            f"must lie in a private range (RFC 1918: {', '.join(map(str, _PRIVATE))}), like '10.20.0.0/16'",
        )
        require(
            len(set(self.zones)) == len(self.zones) and len(self.zones) in (2, 3),
            "Network.zones",
            self.zones,
            f"must be two or three different zones of {', '.join(ZONE_IDS)}; a standby needs a second zone",
        )
        for zone in self.zones:
            require(zone != "use1-az3", "Network.zones", zone, "Lambda and its endpoint are not offered there")
            require(
                zone in ZONE_IDS,
                "Network.zones",
                zone,
                f"not the id of a zone; must be one of {', '.join(ZONE_IDS)} (aws ec2 describe-availability-zones)",
            )
        require(
            1 <= self.nat_gateways <= len(self.zones),
            "Network.nat_gateways",
            self.nat_gateways,
            f"must be 1 to {len(self.zones)}, one per zone at the most; POS providers are reached through it",
        )


# Not the servers' own ports: a scanner's first guess should miss (FSBP RDS.23).
DATABASE_PORT, CACHE_PORT = 5433, 6380

# What RDS and ElastiCache run. A newer minor version is an upgrade in place; `./flux doctor` asks what is on offer.
POSTGRES_VERSION, VALKEY_VERSION = "18.3", "8.2"


@checked
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
    standby: Safeguard = True
    reserved_connections: int = 20

    def __post_init__(self) -> None:
        require_class("database", "Database.instance_class", self.instance_class)
        require(
            0 <= self.reserved_connections < self.max_connections,
            "Database.reserved_connections",
            self.reserved_connections,
            f"must be 0 or more, and below the {self.max_connections} connections of {self.instance_class}",
        )
        require(20 <= self.storage_gib <= 16_384, "Database.storage_gib", self.storage_gib, "must be 20 to 16384 GiB")
        require(
            14 <= self.backup_days <= 35,
            "Database.backup_days",
            self.backup_days,
            "must be 14 to 35; RDS keeps no more",
        )

    @property
    def memory_gib(self) -> int:
        """Memory of the instance, GiB."""
        return database_memory_gib(self.instance_class) or 0

    @property
    def max_connections(self) -> int:
        """PostgreSQL's default on RDS: memory in bytes / 9,531,392, at most 5,000 (RDS User Guide, Quotas)."""
        return min(self.memory_gib * 1024**3 // 9_531_392, 5_000)

    @property
    def connection_budget(self) -> int:
        """Connections that all the functions together may hold."""
        return self.max_connections - self.reserved_connections


@checked
@dataclass(frozen=True, kw_only=True)
class Cache:
    """The Valkey replication group.

    node_class: ElastiCache class without the `cache.` prefix.
    failover: a replica in a second zone that takes over by itself, or the reason for having none.
    """

    node_class: str
    failover: Safeguard = True

    def __post_init__(self) -> None:
        require_class("cache", "Cache.node_class", self.node_class)


@checked
@dataclass(frozen=True, kw_only=True)
class Model:
    """The SageMaker endpoint.

    instance_class: SageMaker class without the `ml.` prefix.
    instances: serving instances at the start, at least 2 where a zone's failure must not stop forecasts.
    bake_minutes: how long a new model answers half of the requests, watched by alarms, before it answers all; 0 moves
        all at once.
    """

    instance_class: str
    instances: int
    bake_minutes: int = 0

    def __post_init__(self) -> None:
        require_class("model", "Model.instance_class", self.instance_class)
        require(1 <= self.instances <= 20, "Model.instances", self.instances, "must be 1 to 20 (account quota)")
        require(
            0 <= self.bake_minutes <= 60,
            "Model.bake_minutes",
            self.bake_minutes,
            "must be 0 to 60; SageMaker waits no longer than an hour (TrafficRoutingConfig.WaitIntervalInSeconds)",
        )


@checked
@dataclass(frozen=True, kw_only=True)
class Throttle:
    """API Gateway's limit for the whole API: steady requests per second, and the burst above it."""

    rate: int
    burst: int

    def __post_init__(self) -> None:
        require(
            1 <= self.rate <= 100_000,
            "Throttle.rate",
            self.rate,
            "must be 1 to 100000 requests/s; 0 refuses everything",
        )
        require(
            self.rate <= self.burst <= 100_000,
            "Throttle.burst",
            self.burst,
            f"must be at least rate={self.rate} and at most 100000",
        )
