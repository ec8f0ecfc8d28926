from dataclasses import replace

import pytest

from flux_infra.config import Domain
from flux_infra.environments import PROD
from ops.doctor import (
    hosted_zone,
)
from ops.doctor.check import State
from tests.ops.doctor.stubs import Refusal, account_of, answering, found

OWN_NAME = replace(PROD, domain=Domain(name="app.flux.example", zone_name="flux.example", zone_id="Z1"))


@pytest.mark.parametrize(
    ("name", "private", "state"),
    [
        ("flux.example.", False, State.OK),
        ("flux.example.", True, State.MISSING),
        ("other.example.", False, State.MISSING),
    ],
)
def test_the_zone_must_be_public_and_of_the_configured_name(name: str, private: bool, state: State) -> None:  # noqa: FBT001 - a table's column
    account = account_of(OWN_NAME)
    reply = {"HostedZone": {"Id": "Z1", "Name": name, "CallerReference": "1", "Config": {"PrivateZone": private}}}
    with answering(account.zones, ("get_hosted_zone", reply)):
        assert found(account, hosted_zone.checks, "hosted zone").state is state


def test_a_zone_that_is_in_no_account_of_ours_is_missing_and_one_without_a_domain_is_not_asked_for() -> None:
    account = account_of(OWN_NAME)
    with answering(account.zones, ("get_hosted_zone", Refusal("NoSuchHostedZone"))):
        assert found(account, hosted_zone.checks, "hosted zone").state is State.MISSING
    assert list(hosted_zone.checks(account_of(PROD))) == []


def test_only_the_world_knows_whether_the_zone_is_delegated() -> None:
    account = account_of(OWN_NAME)
    zone_of = {"Id": "Z1", "Name": "flux.example.", "CallerReference": "1"}
    reply = {"HostedZone": zone_of, "DelegationSet": {"NameServers": ["ns-1.example", "ns-2.example"]}}
    with answering(account.zones, ("get_hosted_zone", reply)):
        answer = found(account, hosted_zone.checks, "delegation of the zone")
    assert answer.state is State.UNKNOWN
    assert answer.remedy.startswith("dig +short NS flux.example")
