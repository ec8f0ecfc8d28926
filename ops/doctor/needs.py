"""How much of what has a quota an environment needs; tests/infra/test_needs.py holds it to the templates."""

from flux_infra.config import FUNCTIONS, Backups, FluxConfig

# One of each in every environment.
VPCS = INTERNET_GATEWAYS = DISTRIBUTIONS = WEB_ACLS = 1
HEADER_POLICIES = 2
EVENT_SUBSCRIPTIONS = 3

# Secrets that rotate have a function each, all of the size `rotation`; the origin's among them, not the probe's.
_ROTATIONS = 6

# What must stay unreserved (Lambda Developer Guide, "Configuring reserved concurrency").
UNRESERVED = 100


def reserved_concurrency(config: FluxConfig) -> int:
    """Instances that all functions together reserve."""
    probes = int(config.objectives is True)
    counts = {"rotation": _ROTATIONS + probes, "probe": probes}
    return sum(counts.get(name, 1) * config.functions.size(name).concurrency for name in FUNCTIONS)


def model_instances(config: FluxConfig) -> int:
    """Instances while a model is released: SageMaker starts the new ones beside the old ones, all of them.

    Also where all the traffic moves at once (SageMaker Developer Guide, "Blue/Green Deployments").
    """
    return 2 * config.model.instances


def nat_gateways_in_a_zone(config: FluxConfig) -> int:
    """The most that one zone gets."""
    return -(-config.network.nat_gateways // len(config.network.zones))


def databases(config: FluxConfig) -> int:
    """The database, and what a restore drill puts beside it where there are backups."""
    return 2 if isinstance(config.backups, Backups) else 1


def cache_nodes(config: FluxConfig) -> int:
    """Nodes of the replication group: a standby where it fails over."""
    return 2 if config.cache.failover is True else 1
