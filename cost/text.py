"""An estimate as a person reads it in a terminal, and as a program does."""

import json
from collections.abc import Iterator
from dataclasses import asdict

from .comparison import changes
from .estimate import Estimate
from .prices import price_of


def as_text(estimate: Estimate) -> str:
    """A table by layer, fixed and by traffic apart."""
    lines = [f"Flux {estimate.environment}: USD a month, list prices on demand in us-east-1", ""]
    lines.append(f"{'':42}{'fixed':>10}{'traffic':>10}")
    for layer, items in estimate.layers():
        fixed, traffic = (sum(item.usd for item in items if item.traffic is kind) for kind in (False, True))
        lines.append(f"{layer:42}{_usd(fixed):>10}{_usd(traffic):>10}")
        for item in items:
            columns = ("", _usd(item.usd)) if item.traffic else (_usd(item.usd), "")
            price = price_of(item.price)
            note = f"{item.quantity:,g} x {item.price} ({price.unit})" + ("" if price.verified else ", unverified")
            lines.append(f"  {item.item:40}{columns[0]:>10}{columns[1]:>10}   {note}")
    lines += [f"{'together':42}{_usd(estimate.fixed):>10}{_usd(estimate.by_traffic):>10}", "", *_sums(estimate)]
    return "\n".join(lines)


def _sums(estimate: Estimate) -> Iterator[str]:
    yield f"{_usd(estimate.usd)} USD a month; {_usd(estimate.per_thousand_restaurants)} per 1,000 restaurants"
    yield f"({estimate.restaurants:,.0f} restaurants; the traffic is assumed in cost/traffic.py)."
    yield f"{_usd(estimate.unverified)} USD of it rest on prices from memory: cost/prices.toml says which."


def comparison_as_text(before: Estimate, after: Estimate) -> str:
    """What differs, the greatest difference first."""
    lines = [f"{change.usd:+12,.2f}  {change.layer}: {change.item}" for change in changes(before, after)]
    total = f"{after.usd - before.usd:+12,.2f}  together: {_usd(before.usd)} -> {_usd(after.usd)} USD a month"
    return "\n".join([*lines, total])


def as_json(estimate: Estimate, *, before: Estimate | None = None) -> str:
    """The same as JSON."""
    document = {
        **asdict(estimate),
        "fixed_usd": round(estimate.fixed, 2),
        "by_traffic_usd": round(estimate.by_traffic, 2),
        "usd": round(estimate.usd, 2),
        "usd_per_1000_restaurants": round(estimate.per_thousand_restaurants, 2),
        "unverified_usd": round(estimate.unverified, 2),
    }
    if before is not None:
        document["changes"] = [asdict(change) for change in changes(before, estimate)]
    return json.dumps(document, indent=2)


def _usd(amount: float) -> str:
    return f"{amount:,.2f}"
