"""Availability Zones: whether the account has the configured ones, and whether every service is there."""

from collections.abc import Iterator
from functools import partial

from flux_infra.config.resources import ZONE_IDS
from flux_infra.constructs.endpoint_services import ENDPOINT_SERVICES

from .account import Account
from .check import Answer, Check, missing, ok


def checks(account: Account) -> Iterator[Check]:
    """One row for each configured zone."""
    for zone in account.config.network.zones:
        yield Check(
            what=f"zone {zone}",
            needed="available, with Lambda and every interface endpoint",
            ask=partial(_zone, account, zone),
        )


def _zone(account: Account, identifier: str) -> Answer:
    # By id, as configured. The lists of services name zones as this account does.
    every = {
        zone["ZoneId"]: zone
        for zone in account.networks.describe_availability_zones()["AvailabilityZones"]
        if zone.get("ZoneType", "availability-zone") == "availability-zone"
    }
    services = account.networks.describe_vpc_endpoint_services(
        ServiceNames=[f"com.amazonaws.{account.config.region}.{service}" for service in ENDPOINT_SERVICES.values()]
    )["ServiceDetails"]
    lacking = {
        each: [
            service["ServiceName"].rsplit(".", 1)[-1]
            for service in services
            if zone["ZoneName"] not in service["AvailabilityZones"]
        ]
        for each, zone in every.items()
    }
    fit = [
        each for each, zone in every.items() if zone["State"] == "available" and each in ZONE_IDS and not lacking[each]
    ]
    remedy = f"Network(zones=...) of {account.config.name} in flux_infra/environments.py: choose among {', '.join(fit)}"
    if identifier not in every:
        return missing("the account has no such zone", remedy)
    zone = every[identifier]
    present = f"{zone['ZoneName']}, {zone['State']}"
    if lacking[identifier]:
        return missing(f"{present}; without {', '.join(lacking[identifier])}", remedy)
    return ok(present) if zone["State"] == "available" else missing(present, remedy)
