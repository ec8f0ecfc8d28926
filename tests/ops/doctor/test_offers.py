import pytest

from flux_infra.environments import PROD
from ops.doctor import (
    cache_offer,
    database_offer,
)
from ops.doctor.check import State
from tests.ops.doctor.stubs import Reply, account_of, answering, found


def orderable(*letters: str, storage: str = "gp3", multi_az: bool = True) -> Reply:
    return {
        "OrderableDBInstanceOptions": [
            {
                "StorageType": storage,
                "SupportsStorageEncryption": True,
                "MultiAZCapable": multi_az,
                "AvailabilityZones": [{"Name": f"us-east-1{letter}"} for letter in letters],
            }
        ]
    }


@pytest.mark.parametrize(
    ("offer", "state"),
    [
        (orderable("a", "b", "c", "d"), State.OK),
        (orderable("a", "b"), State.MISSING),
        (orderable("a", "b", "c", storage="gp2"), State.MISSING),
        (orderable("a", "b", "c", multi_az=False), State.MISSING),
        ({"OrderableDBInstanceOptions": []}, State.MISSING),
    ],
)
def test_the_database_must_be_on_offer_as_it_is_configured_in_every_zone(offer: Reply, state: State) -> None:
    account = account_of(PROD)
    names = [
        {"ZoneId": each, "ZoneName": f"us-east-1{letter}"}
        for each, letter in zip(PROD.network.zones, "abc", strict=True)
    ]
    with (
        answering(account.networks, ("describe_availability_zones", {"AvailabilityZones": names})),
        answering(account.aws.databases, ("describe_orderable_db_instance_options", offer)),
    ):
        assert found(account, database_offer.checks, "RDS instance class").state is state


@pytest.mark.parametrize(("versions", "state"), [(["17.6", "18.3"], State.OK), (["18.4", "18.5"], State.MISSING)])
def test_a_version_of_postgresql_that_is_withdrawn_is_answered_with_those_that_are_not(
    versions: list[str], state: State
) -> None:
    account = account_of(PROD)
    reply = {"DBEngineVersions": [{"EngineVersion": version} for version in versions]}
    with answering(account.aws.databases, ("describe_db_engine_versions", reply)):
        answer = found(account, database_offer.checks, "PostgreSQL on RDS")
    assert answer.state is state
    if state is State.MISSING:
        assert answer.present == "of 18 only 18.4, 18.5"


@pytest.mark.parametrize(
    ("versions", "state"), [(["7.2", "8.2"], State.OK), (["8.2.1"], State.OK), (["8.21"], State.MISSING)]
)
def test_the_version_of_valkey_may_be_listed_with_its_patch(versions: list[str], state: State) -> None:
    account = account_of(PROD)
    reply = {"CacheEngineVersions": [{"Engine": "valkey", "EngineVersion": version} for version in versions]}
    with answering(account.caches, ("describe_cache_engine_versions", reply)):
        assert found(account, cache_offer.checks, "Valkey on ElastiCache").state is state


@pytest.mark.parametrize(("offers", "state"), [([{"CacheNodeType": "cache.r7g.large"}], State.OK), ([], State.MISSING)])
def test_a_node_class_that_elasticache_does_not_offer_is_missing(offers: list[Reply], state: State) -> None:
    account = account_of(PROD)
    reply = {"ReservedCacheNodesOfferings": offers}
    with answering(account.caches, ("describe_reserved_cache_nodes_offerings", reply)):
        assert found(account, cache_offer.checks, "ElastiCache node class").state is state
