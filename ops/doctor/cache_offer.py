"""Whether ElastiCache offers the configured engine and node class."""

from collections.abc import Iterator

from flux_infra.config.resources import VALKEY_VERSION

from .account import Account
from .check import Answer, Check, missing, ok


def checks(account: Account) -> Iterator[Check]:
    """The engine's version, and the class."""
    yield Check(what="Valkey on ElastiCache", needed=f"version {VALKEY_VERSION}", ask=lambda: _version(account))
    yield Check(
        what="ElastiCache node class",
        needed=f"cache.{account.config.cache.node_class}",
        ask=lambda: _node_class(account),
    )


def _version(account: Account) -> Answer:
    pages = account.caches.get_paginator("describe_cache_engine_versions").paginate(Engine="valkey")
    offered = sorted({version["EngineVersion"] for page in pages for version in page["CacheEngineVersions"]})
    # A template asks for `8.2`, and ElastiCache may list `8.2.1`.
    if any(version == VALKEY_VERSION or version.startswith(f"{VALKEY_VERSION}.") for version in offered):
        return ok(f"version {VALKEY_VERSION}")
    return missing(
        f"only {', '.join(offered) or 'none'}", "VALKEY_VERSION in flux_infra/config/resources.py: take one of them"
    )


def _node_class(account: Account) -> Answer:
    """What can be reserved can be had: ElastiCache has no other list of the classes of a region."""
    name = f"cache.{account.config.cache.node_class}"
    offers = account.caches.describe_reserved_cache_nodes_offerings(CacheNodeType=name, MaxRecords=20)
    if offers["ReservedCacheNodesOfferings"]:
        return ok(f"offered in {account.config.region}")
    return missing(
        f"not offered in {account.config.region}",
        f"another Cache.node_class of {account.config.name} in flux_infra/environments.py; see "
        f"aws elasticache describe-reserved-cache-nodes-offerings --region {account.config.region} "
        "--query 'ReservedCacheNodesOfferings[].CacheNodeType'",
    )
