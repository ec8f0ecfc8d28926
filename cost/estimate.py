"""An environment's month, item by item."""

import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

from flux_infra.constructs.names import LAYERS
from policy.assembly import readings
from policy.model import Environment, Resource, WrittenStack

from .meter import Meters, Site, Use
from .meters import METERS
from .prices import PriceError, price_of
from .traffic import Traffic, traffic_of

_FREE = Path(__file__).with_name("free.toml")


@dataclass(frozen=True, kw_only=True)
class Item:
    """One line of an estimate.

    layer: the stack. item: what it is called. price: the row of prices.toml. quantity: in that row's unit, rounded.
    traffic: whether it grows with traffic. usd: a month.
    """

    layer: str
    item: str
    price: str
    quantity: float
    traffic: bool
    usd: float


@dataclass(frozen=True, kw_only=True)
class Estimate:
    """What one environment costs a month.

    restaurants: that it is estimated for.
    """

    environment: str
    restaurants: float
    items: Sequence[Item]

    @property
    def fixed(self) -> float:
        """USD a month when nobody comes."""
        return sum(item.usd for item in self.items if not item.traffic)

    @property
    def by_traffic(self) -> float:
        """USD a month that traffic adds."""
        return sum(item.usd for item in self.items if item.traffic)

    @property
    def usd(self) -> float:
        """USD a month."""
        return self.fixed + self.by_traffic

    @property
    def per_thousand_restaurants(self) -> float:
        """USD a month."""
        return self.usd / self.restaurants * 1_000

    @property
    def unverified(self) -> float:
        """USD a month whose price nobody but us says."""
        return sum(item.usd for item in self.items if not price_of(item.price).verified)

    def layers(self) -> Iterator[tuple[str, Sequence[Item]]]:
        """Yield the layers in which something costs, each with its items, dearest first."""
        for layer in LAYERS:
            if items := [item for item in self.items if item.layer == layer]:
                yield layer, sorted(items, key=lambda item: (-item.usd, item.item, item.price))


@cache
def free_types() -> Mapping[str, str]:
    """Return the types of resources that cost nothing, each with the reason."""
    table = tomllib.loads(_FREE.read_text())
    return {str(name): reason for reason, row in table.items() for name in row["types"]}


def estimate(stacks: Sequence[WrittenStack], *, traffic: Traffic | None = None, meters: Meters = METERS) -> Estimate:
    """Return what the stacks of one stage cost a month.

    traffic: what happens there; without it, what cost/traffic.py assumes of this environment.

    Raises:
        PriceError: a type of resource is neither metered nor said to be free, or a price is missing.
        TrafficError: nothing is assumed about the environment or one of its functions.
    """
    environment = next(readings(stacks))
    site = Site(environment=environment, traffic=traffic or traffic_of(environment.name))
    uses = ((resource.layer, use) for resource in environment.resources() for use in _uses(resource, site, meters))
    return Estimate(
        environment=environment.name, restaurants=site.traffic.restaurants, items=tuple(_items(_added_up(uses)))
    )


def unpriced(environment: Environment, *, meters: Meters = METERS) -> list[str]:
    """Return the types of an environment that are neither metered nor said to be free."""
    types = {resource.type for resource in environment.resources()}
    return sorted(types - meters.keys() - free_types().keys())


def _uses(resource: Resource, site: Site, meters: Meters) -> Iterable[Use]:
    if resource.type in meters:
        return meters[resource.type](resource, site)
    if resource.type not in free_types():
        raise PriceError(
            f"{resource.name}: what a {resource.type} costs is not known; write a meter in cost/meters/, or the reason "
            "why it is free in cost/free.toml"
        )
    return ()


def _added_up(uses: Iterable[tuple[str, Use]]) -> Iterator[tuple[str, Use]]:
    sums: dict[tuple[str, str, str, bool], Use] = {}
    for layer, use in uses:
        key = (layer, use.item, use.price, use.traffic)
        before = sums.get(key)
        sums[key] = use if before is None else replace(use, quantity=use.quantity + before.quantity)
    for (layer, *_), use in sums.items():
        yield layer, use


def _items(uses: Iterable[tuple[str, Use]]) -> Iterator[Item]:
    """Yield what costs a cent or more."""
    for layer, use in uses:
        usd = round(price_of(use.price).cost(use.quantity), 2)
        if usd:
            yield Item(
                layer=layer,
                item=use.item,
                price=use.price,
                quantity=float(f"{use.quantity:.4g}"),
                traffic=use.traffic,
                usd=usd,
            )
