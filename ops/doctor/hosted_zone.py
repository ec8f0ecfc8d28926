"""The public hosted zone of the environment's own name, without which its certificate is never issued."""

from collections.abc import Iterator

from botocore.exceptions import ClientError

from flux_infra.config import Domain

from .account import Account
from .check import Answer, Check, missing, ok, unknown


def checks(account: Account) -> Iterator[Check]:
    """Nothing where the environment has CloudFront's name."""
    domain = account.config.domain
    if domain is None:
        return
    yield Check(
        what="hosted zone",
        needed=f"{domain.zone_id} is public and of {domain.zone_name}",
        ask=lambda: _zone(account, domain),
        emulated=True,
    )
    yield Check(
        what="delegation of the zone",
        needed=f"the registrar of {domain.zone_name} names the zone's servers",
        ask=lambda: _delegation(account, domain),
    )


def _zone(account: Account, domain: Domain) -> Answer:
    remedy = (
        f"aws route53 list-hosted-zones-by-name --dns-name {domain.zone_name} shows its id, which belongs into "
        f"Domain(zone_id=...) of {account.config.name} in flux_infra/environments.py"
    )
    try:
        zone = account.zones.get_hosted_zone(Id=domain.zone_id)["HostedZone"]
    except ClientError as error:
        if error.response["Error"]["Code"] != "NoSuchHostedZone":
            raise
        return missing("no such zone in the account", remedy)
    present = f"{zone['Name'].rstrip('.')}, {'private' if zone.get('Config', {}).get('PrivateZone') else 'public'}"
    right = present == f"{domain.zone_name}, public"
    return ok(present) if right else missing(present, remedy)


def _delegation(account: Account, domain: Domain) -> Answer:
    """Only the world's DNS knows, which is not asked from here."""
    servers = account.zones.get_hosted_zone(Id=domain.zone_id)["DelegationSet"]["NameServers"]
    return unknown(
        f"the zone's servers are {', '.join(sorted(servers))}",
        f"dig +short NS {domain.zone_name} must print exactly these; a deployment waits for ever otherwise",
    )
