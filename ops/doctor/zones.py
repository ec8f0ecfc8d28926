"""Availability Zones: which ones the configured letters mean in this account, and whether every service is there."""

from collections.abc import Iterator
from functools import partial

from flux_infra.constructs.endpoint_services import ENDPOINT_SERVICES

from .account import Account
from .check import Answer, Check, missing, ok

# Zones that Lambda refuses subnets of (Lambda Developer Guide, "Attaching Lambda functions to an Amazon VPC"; the same
# list in the EKS User Guide, "Subnet requirements"). Letters mean other zones in other accounts; these ids do not.
REFUSED_BY_LAMBDA = {"use1-az3"}


def checks(account: Account) -> Iterator[Check]:
    """One row for each configured zone."""
    for letter in account.config.network.zones:
        zone = f"{account.config.region}{letter}"
        yield Check(
            what=f"zone {zone}",
            needed="available, with Lambda and every interface endpoint",
            ask=partial(_zone, account, zone),
        )


def _zone(account: Account, name: str) -> Answer:
    every = {
        zone["ZoneName"]: zone
        for zone in account.networks.describe_availability_zones()["AvailabilityZones"]
        if zone.get("ZoneType", "availability-zone") == "availability-zone"
    }
    services = account.networks.describe_vpc_endpoint_services(
        ServiceNames=[f"com.amazonaws.{account.config.region}.{service}" for service in ENDPOINT_SERVICES.values()]
    )["ServiceDetails"]
    lacking = {
        zone: [
            service["ServiceName"].rsplit(".", 1)[-1]
            for service in services
            if zone not in service["AvailabilityZones"]
        ]
        for zone in every
    }
    fit = [
        zone[-1]
        for zone, details in every.items()
        if details["State"] == "available" and details["ZoneId"] not in REFUSED_BY_LAMBDA and not lacking[zone]
    ]
    remedy = f"Network(zones=...) of {account.config.name} in flux_infra/environments.py: choose among {', '.join(fit)}"
    if name not in every:
        return missing("the account has no such zone", remedy)
    zone = every[name]
    present = f"{zone['ZoneId']}, {zone['State']}"
    if zone["ZoneId"] in REFUSED_BY_LAMBDA:
        return missing(f"{present}; Lambda refuses it", remedy)
    if lacking[name]:
        return missing(f"{present}; without {', '.join(lacking[name])}", remedy)
    return ok(present) if zone["State"] == "available" else missing(present, remedy)
