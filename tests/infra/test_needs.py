"""What `./flux doctor` says an environment needs is what its templates hold."""

import re
from collections.abc import Iterator
from pathlib import Path

from ops.doctor import bootstrap, needs
from ops.doctor.quotas import quotas_of
from ops.doctor.secrets import FILLED_IN_BY_HAND, PLACEHOLDER

from .templates import Resource, Templates, resources


def every(environment: Templates, kind: str) -> list[Resource]:
    return [resource for _, template in environment.layers() for resource in resources(template, kind).values()]


def numbers(environment: Templates, kind: str, name: str) -> Iterator[int]:
    for resource in every(environment, kind):
        properties = resource.get("Properties", {})
        assert isinstance(properties, dict)
        if isinstance(number := properties.get(name), int):
            yield number


def test_the_counts_that_have_a_quota_are_those_of_the_templates(environment: Templates) -> None:
    config = environment.config
    counts = {
        kind: len(every(environment, f"AWS::{kind}"))
        for kind in (
            "EC2::VPC",
            "EC2::InternetGateway",
            "EC2::EIP",
            "EC2::NatGateway",
            "RDS::DBInstance",
            "RDS::EventSubscription",
            "CloudFront::Distribution",
            "CloudFront::ResponseHeadersPolicy",
            "WAFv2::WebACL",
        )
    }
    assert counts == {
        "EC2::VPC": needs.VPCS,
        "EC2::InternetGateway": needs.INTERNET_GATEWAYS,
        "EC2::EIP": config.network.nat_gateways,
        "EC2::NatGateway": config.network.nat_gateways,
        "RDS::DBInstance": 1,
        "RDS::EventSubscription": needs.EVENT_SUBSCRIPTIONS,
        "CloudFront::Distribution": needs.DISTRIBUTIONS,
        "CloudFront::ResponseHeadersPolicy": needs.HEADER_POLICIES,
        "WAFv2::WebACL": needs.WEB_ACLS,
    }


def test_the_concurrency_that_is_needed_is_what_all_functions_reserve(environment: Templates) -> None:
    reserved = numbers(environment, "AWS::Lambda::Function", "ReservedConcurrentExecutions")
    assert needs.reserved_concurrency(environment.config) == sum(reserved)


def test_the_nodes_that_are_needed_are_those_of_the_cache(environment: Templates) -> None:
    nodes = numbers(environment, "AWS::ElastiCache::ReplicationGroup", "NumCacheClusters")
    assert needs.cache_nodes(environment.config) == sum(nodes)


def test_production_needs_four_instances_of_its_model_for_a_blue_green_release(prod: Templates) -> None:
    (quota,) = [quota for quota in quotas_of(prod.config) if quota.service == "sagemaker"]
    assert (quota.quota, quota.needs) == ("ml.m5.large for endpoint usage", 4)


def test_every_secret_that_is_filled_in_by_hand_is_looked_at(environment: Templates) -> None:
    waiting = [secret for secret in every(environment, "AWS::SecretsManager::Secret") if PLACEHOLDER in str(secret)]
    outputs = environment.data.find_outputs("*")
    assert len(waiting) == len(FILLED_IN_BY_HAND)
    assert set(FILLED_IN_BY_HAND) <= set(outputs)


def test_the_least_bootstrap_is_what_the_assembly_asks_for(prod: Templates) -> None:
    manifest = (Path(prod.stage.synth().directory) / "manifest.json").read_text()
    asked = re.findall(r'"requiresBootstrapStackVersion": (\d+)', manifest)
    assert max(map(int, asked)) == bootstrap.LEAST_VERSION
