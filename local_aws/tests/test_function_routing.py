import random
from collections import Counter

import pytest

from local_aws.runtime.records import (
    choose,
    configuration,
    event_invoke_configuration,
    invoked_qualifier,
    route,
)

ARN = "arn:aws:lambda:us-east-1:000000000000:function:api"


def function(weights: dict[str, float]) -> dict[str, object]:
    versions = {number: {"config": {"FunctionArn": f"{ARN}:{number}", "Version": number}} for number in ("1", "2")}
    routing = {"RoutingConfig": {"AdditionalVersionWeights": weights}}
    return {
        "config": {"FunctionArn": ARN, "Version": "$LATEST"},
        "versions": versions,
        "aliases": {"live": {"Name": "live", "FunctionVersion": "1", **routing}},
        "concurrency": 5,
        "event_invoke_configs": {"": {"MaximumRetryAttempts": 0}, "live": {"MaximumRetryAttempts": 1}},
    }


def invoked(qualifier: str) -> dict[str, object]:
    return {"config": {"FunctionArn": f"{ARN}{qualifier}", "Version": "1"}}


def test_a_tenth_of_an_aliass_traffic_goes_to_the_canary() -> None:
    draw = random.Random(7)  # noqa: S311 - traffic weights, not secrets
    chosen = Counter(choose("1", {"2": 0.1}, draw.random()) for _ in range(10_000))
    assert 900 < chosen["2"] < 1_100
    assert chosen["1"] + chosen["2"] == 10_000


@pytest.mark.parametrize(("draw", "version"), [(0.0, "2"), (0.0999, "2"), (0.1, "1"), (0.999, "1")])
def test_a_weight_is_an_exact_share_of_the_draws(draw: float, version: str) -> None:
    assert choose("1", {"2": 0.1}, draw) == version


def test_an_alias_runs_the_chosen_version_under_its_own_arn() -> None:
    record = route(invoked(":live"), function({"2": 0.1}), 0.05)
    assert configuration(record).text("Version") == "2"
    assert configuration(record).text("FunctionArn") == f"{ARN}:live"


def test_reserved_concurrency_counts_for_versions_behind_an_alias() -> None:
    assert route(invoked(":live"), function({}), 0.5)["concurrency"] == 5


@pytest.mark.parametrize("qualifier", ["", ":1"])
def test_an_invoked_version_is_never_routed_elsewhere(qualifier: str) -> None:
    record = invoked(qualifier)
    assert route(record, function({"2": 1.0}), 0.0) is record


def test_a_weight_for_a_version_that_does_not_exist_is_an_error() -> None:
    with pytest.raises(TypeError, match="version 9, which does not exist"):
        route(invoked(":live"), function({"9": 1.0}), 0.0)


def test_the_qualifier_is_the_end_of_the_arn() -> None:
    assert [invoked_qualifier(invoked(end)) for end in ("", ":7", ":live")] == ["$LATEST", "7", "live"]


def test_an_alias_has_its_own_rules_for_asynchronous_invocations() -> None:
    rules = [event_invoke_configuration(function({}), qualifier) for qualifier in ("live", "$LATEST", "1")]
    assert rules == [{"MaximumRetryAttempts": 1}, {"MaximumRetryAttempts": 0}, None]
