"""A name of our own."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from .checked import checked
from .rules import require
from .safeguards import Safeguard


@checked
@dataclass(frozen=True, kw_only=True)
class Domain:
    """A name of our own, and the public hosted zone that serves it.

    name: what people type, like `app.flux.example`.
    zone_name, zone_id: the Route 53 hosted zone that `name` lies in.
    owns_zone: the zone is this environment's, so Flux signs it (DNSSEC) and says who may issue certificates for `name`
        (CAA); or the reason for leaving both to others.
    """

    name: str
    zone_name: str
    zone_id: str
    owns_zone: Safeguard = True

    def __post_init__(self) -> None:
        require(
            self.name == self.zone_name or self.name.endswith("." + self.zone_name),
            "Domain.name",
            self.name,
            f"must lie in zone_name={self.zone_name!r}; Route 53 can only answer for names in its zone",
        )


def require_own_zones(domains: Iterable[Domain | None]) -> None:
    """Check that no two environments sign the same zone: signing is on or off for a whole zone.

    Raises:
        ConfigError: two say that a zone is theirs.
    """
    owned = Counter(domain.zone_id for domain in domains if domain and domain.owns_zone is True)
    for zone_id, owners in owned.items():
        require(
            owners == 1,
            "Domain.zone_id",
            zone_id,
            f"{owners} environments own this zone; leave it to one, and give the others owns_zone=OptOut(reason=...)",
        )
