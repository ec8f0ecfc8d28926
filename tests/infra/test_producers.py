"""A stack's template differs when what it takes from others is replaced, and only then."""

from dataclasses import replace
from pathlib import Path
from typing import cast

import pytest

from flux_infra.constructs.artifacts import BuiltArtifacts
from flux_infra.constructs.producers import identity
from flux_infra.environments import PROD
from tests.infra.templates import LAYERS, Json, Templates

pytestmark = pytest.mark.slow

CONSUMERS = [layer for layer in LAYERS if layer != "network"]


def producers(templates: Templates, layer: str) -> Json:
    metadata = cast("dict[str, Json]", dict(templates.layers())[layer].to_json().get("Metadata", {}))
    return metadata.get("Producers")


def test_every_stack_but_the_first_says_what_it_takes(environment: Templates) -> None:
    assert [layer for layer in LAYERS if producers(environment, layer) is None] == ["network"]


def test_another_range_of_addresses_changes_every_stack_that_stands_in_the_network(
    prod: Templates, artifacts: BuiltArtifacts, tmp_path: Path
) -> None:
    """A VPC's CidrBlock replaces it; the other templates name its outputs alone (aws-cdk #38829)."""
    moved = replace(PROD, network=replace(PROD.network, cidr="10.77.0.0/16"))
    templates = Templates.synthesize(moved, artifacts=artifacts, outdir=tmp_path)

    for layer in CONSUMERS:
        assert producers(templates, layer) != producers(prod, layer), layer


def test_a_cache_under_another_key_changes_those_that_take_it_and_none_before_it(prod: Templates) -> None:
    data = cast("dict[str, Json]", prod.data.to_json())
    resources = cast("dict[str, dict[str, dict[str, Json]]]", data["Resources"])
    (name,) = [each for each, found in resources.items() if str(found["Type"]) == "AWS::ElastiCache::ReplicationGroup"]
    before = identity(data)
    larger = {**resources[name], "Properties": {**resources[name]["Properties"], "CacheNodeType": "cache.r7g.4xlarge"}}
    replaced = {**resources[name], "Properties": {**resources[name]["Properties"], "Port": 6381}}

    assert identity({**data, "Resources": {**resources, name: larger}}) == before  # in place
    assert identity({**data, "Resources": {**resources, name: replaced}}) != before


def test_another_release_of_the_code_changes_no_stack_that_takes_the_functions(
    prod: Templates, next_release: Templates
) -> None:
    assert next_release.compute.to_json() != prod.compute.to_json()
    for layer in CONSUMERS:
        assert producers(next_release, layer) == producers(prod, layer), layer
