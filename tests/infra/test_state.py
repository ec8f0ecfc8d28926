"""What holds state stays the resource that it is, whatever else changes."""

from collections.abc import Mapping
from dataclasses import replace

import pytest

from flux_infra.constructs.artifacts import BuiltArtifacts
from flux_infra.environments import PROD
from policy.stateful import RELEASED_TYPES, STATEFUL_TYPES
from tests.infra.templates import LAYERS, Resource, Templates, resources, whole

pytestmark = pytest.mark.slow

# Kept when its stack is deleted, because the database that is kept stands in it; another one does as well.
KEPT_WITHOUT_STATE = {"AWS::EC2::SecurityGroup"}
# aws-cdk-lib's own helpers; what they log is of no use once their stack is deployed.
LIBRARY_HELPERS = "CustomResourceProvider"


def stateful(templates: Templates, layer: str) -> dict[str, Resource]:
    """Return the layer's resources that hold state, by logical id."""
    return {
        logical_id: resource
        for logical_id, resource in resources(dict(templates.layers())[layer]).items()
        if resource["Type"] in STATEFUL_TYPES and LIBRARY_HELPERS not in logical_id
    }


def test_every_type_that_outlives_its_stack_is_one_that_holds_state(prod: Templates) -> None:
    kept = {
        str(resource["Type"])
        for _, template in prod.layers()
        for resource in resources(template).values()
        if resource.get("DeletionPolicy", "Delete") != "Delete"
    }

    assert kept - RELEASED_TYPES - KEPT_WITHOUT_STATE <= STATEFUL_TYPES.keys()


def test_a_name_of_our_own_changes_nothing_that_holds_state(prod: Templates, owner: Templates) -> None:
    for layer in ("network", "data", "ml", "compute", "api"):
        assert whole(dict(owner.layers())[layer]) == whole(dict(prod.layers())[layer]), layer
    assert different(stateful(prod, "monitoring"), stateful(owner, "monitoring")) == set()
    before, after = stateful(prod, "frontend"), stateful(owner, "frontend")

    # Aliases and certificate of a distribution change without another one taking its place.
    changed = {str(after[logical_id]["Type"]) for logical_id in different(before, after) & before.keys()}
    assert before.keys() <= after.keys()
    assert changed == {"AWS::CloudFront::Distribution"}


def test_another_address_for_alarms_changes_who_hears_them_and_nothing_that_holds_state(
    prod: Templates, artifacts: BuiltArtifacts, tmp_path_factory: pytest.TempPathFactory
) -> None:
    others = replace(PROD, page_email="others@flux.app")
    templates = Templates.synthesize(others, artifacts=artifacts, outdir=tmp_path_factory.mktemp("others"))

    for layer in LAYERS:
        assert different(stateful(prod, layer), stateful(templates, layer)) == set(), layer
    listeners = [resources(each.monitoring, "AWS::SNS::Subscription") for each in (prod, templates)]
    assert len(different(*listeners)) == 2  # one goes, one comes, to be confirmed anew


def different(before: Mapping[str, Resource], after: Mapping[str, Resource]) -> set[str]:
    """Return the logical ids of what is not the same in both, or in one of them only."""
    return {logical_id for logical_id in {*before, *after} if before.get(logical_id) != after.get(logical_id)}


def test_nothing_that_is_kept_stays_behind_where_the_deployment_that_makes_it_fails(environment: Templates) -> None:
    """A name that is taken, or a key that goes without what it encrypts, would stop the next deployment for ever.

    "DeletionPolicy attribute", CloudFormation User Guide: RetainExceptOnCreate. A snapshot is a copy of another name.
    """
    for name, template in environment.layers():
        policies = {
            logical_id: resource["DeletionPolicy"]
            for logical_id, resource in resources(template).items()
            if resource.get("DeletionPolicy", "Delete") not in {"Delete", "Snapshot"}
        }
        assert set(policies.values()) <= {"RetainExceptOnCreate"}, (name, policies)
