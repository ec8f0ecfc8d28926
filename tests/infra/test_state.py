"""What holds state stays the resource that it is, whatever else changes."""

from dataclasses import replace

import pytest

from flux_infra.config import Domain
from flux_infra.environments import PROD
from flux_infra.policy.stateful import CONFIGURED_TYPES, LIBRARY_HELPERS, PINNED, RELEASED_TYPES, STATEFUL_TYPES
from tests.infra.placeholder_artifacts import PlaceholderArtifacts
from tests.infra.templates import LAYERS, Resource, Templates, resources

# Kept when its stack is deleted, because the database that is kept stands in it; another one does as well.
KEPT_WITHOUT_STATE = {"AWS::EC2::SecurityGroup"}

DOMAIN = Domain(name="app.flux.example", zone_name="flux.example", zone_id="Z0123456789ABCDEFGHIJ")


@pytest.fixture(scope="module")
def named(artifacts: PlaceholderArtifacts, tmp_path_factory: pytest.TempPathFactory) -> Templates:
    """Production under a name of our own."""
    return Templates.synthesize(
        replace(PROD, domain=DOMAIN), artifacts=artifacts, outdir=tmp_path_factory.mktemp("named")
    )


def stateful(templates: Templates, layer: str) -> dict[str, Resource]:
    """Return the layer's resources that hold state, by logical id."""
    return {
        logical_id: resource
        for logical_id, resource in resources(dict(templates.layers())[layer]).items()
        if resource["Type"] in STATEFUL_TYPES and LIBRARY_HELPERS not in logical_id
    }


@pytest.mark.parametrize("layer", LAYERS)
def test_what_holds_state_keeps_its_logical_id_and_what_is_new_is_pinned(environment: Templates, layer: str) -> None:
    found: dict[str, set[str]] = {}
    for logical_id, resource in stateful(environment, layer).items():
        found.setdefault(str(resource["Type"]), set()).add(logical_id)
    pinned = PINNED[layer.capitalize()]

    for kind in sorted(found.keys() | pinned.keys()):
        ids, expected = found.get(kind, set()), pinned.get(kind, set())
        new, gone = ids - expected, set() if kind in CONFIGURED_TYPES else expected - ids
        assert not new, f"pin {new} in flux_infra/policy/stateful.py: a {kind} holds {STATEFUL_TYPES[kind]}"
        assert not gone, f"{gone} would be deleted, and with it {STATEFUL_TYPES[kind]}"


def test_everything_that_is_pinned_is_in_production_under_a_name_of_our_own(named: Templates) -> None:
    for layer in LAYERS:
        ids = {logical_id for kinds in PINNED[layer.capitalize()].values() for logical_id in kinds}
        assert ids == stateful(named, layer).keys()


def test_every_type_that_outlives_its_stack_is_one_that_holds_state(prod: Templates) -> None:
    kept = {
        str(resource["Type"])
        for _, template in prod.layers()
        for resource in resources(template).values()
        if resource.get("DeletionPolicy", "Delete") != "Delete"
    }

    assert kept - RELEASED_TYPES - KEPT_WITHOUT_STATE <= STATEFUL_TYPES.keys()


def test_a_name_of_our_own_changes_nothing_that_holds_state(prod: Templates, named: Templates) -> None:
    for layer in LAYERS:
        if layer != "frontend":
            assert dict(named.layers())[layer].to_json() == dict(prod.layers())[layer].to_json(), layer
    before, after = stateful(prod, "frontend"), stateful(named, "frontend")
    changed = {str(after[logical_id]["Type"]) for logical_id in after if before.get(logical_id) != after[logical_id]}

    # The certificate is new. Aliases and certificate of a distribution change without another one taking its place.
    assert changed == {"AWS::CertificateManager::Certificate", "AWS::CloudFront::Distribution"}


def test_another_address_for_alarms_changes_only_who_hears_them(
    prod: Templates, artifacts: PlaceholderArtifacts, tmp_path_factory: pytest.TempPathFactory
) -> None:
    others = replace(PROD, alert_email="others@flux.app")
    templates = Templates.synthesize(others, artifacts=artifacts, outdir=tmp_path_factory.mktemp("others"))

    for layer in LAYERS:
        before, after = resources(dict(prod.layers())[layer]), resources(dict(templates.layers())[layer])
        different = {logical_id for logical_id in {*before, *after} if before.get(logical_id) != after.get(logical_id)}
        types = {str((before.get(each) or after[each])["Type"]) for each in different}
        assert types == ({"AWS::SNS::Subscription"} if layer == "monitoring" else set()), layer
