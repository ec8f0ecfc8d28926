from collections.abc import Mapping

import pytest

from flux_infra.constructs.endpoint_services import ENDPOINT_SERVICES
from flux_infra.environments import PROD
from ops.doctor import (
    zones,
)
from ops.doctor.check import State
from tests.ops.doctor.stubs import Reply, account_of, answering, found


def zone(letter: str, identifier: str) -> Reply:
    return {
        "ZoneName": f"us-east-1{letter}",
        "ZoneId": identifier,
        "State": "available",
        "ZoneType": "availability-zone",
    }


def endpoint_services(*, lacking: Mapping[str, str]) -> Reply:
    """lacking: by service, the letter of the zone that it is not in."""
    return {
        "ServiceDetails": [
            {
                "ServiceName": f"com.amazonaws.us-east-1.{name}",
                "AvailabilityZones": [f"us-east-1{letter}" for letter in "abcd" if lacking.get(name) != letter],
            }
            for name in ENDPOINT_SERVICES.values()
        ]
    }


ZONES = {
    "AvailabilityZones": [zone("a", "use1-az6"), zone("b", "use1-az1"), zone("c", "use1-az3"), zone("d", "use1-az2")]
}


@pytest.mark.parametrize(
    ("identifier", "lacking", "state", "present"),
    [
        ("use1-az2", {}, State.OK, "us-east-1d, available"),
        ("use1-az4", {}, State.MISSING, "the account has no such zone"),
        ("use1-az1", {"codedeploy": "b"}, State.MISSING, "us-east-1b, available; without codedeploy"),
    ],
)
def test_a_zone_is_judged_by_its_id_and_by_the_services_that_it_has(
    identifier: str, lacking: Mapping[str, str], state: State, present: str
) -> None:
    account = account_of(PROD)
    with answering(
        account.networks,
        ("describe_availability_zones", ZONES),
        ("describe_vpc_endpoint_services", endpoint_services(lacking=lacking)),
    ):
        answer = found(account, zones.checks, f"zone {identifier}")
    assert (answer.state, answer.present) == (state, present)
    if state is State.MISSING:
        fit = ["use1-az6", "use1-az2"] if lacking else ["use1-az6", "use1-az1", "use1-az2"]
        assert answer.remedy.endswith(f"choose among {', '.join(fit)}")
