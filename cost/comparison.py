"""What one estimate has that another has not."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from .estimate import Estimate, Item

# Less is rounding.
_LEAST_USD = 0.01


@dataclass(frozen=True, kw_only=True)
class Change:
    """One item that costs more or less than before, USD a month."""

    layer: str
    item: str
    before: float
    after: float

    @property
    def usd(self) -> float:
        """How much more."""
        return self.after - self.before


@dataclass(frozen=True, kw_only=True)
class Difference:
    """What one environment costs before and after, USD a month, and the items that make the difference."""

    environment: str
    before: float
    after: float
    changes: Sequence[Change]


def differences(before: Mapping[str, Estimate], after: Iterable[Estimate]) -> Iterator[Difference]:
    """Yield the environments that are in both and whose cost changes."""
    for one in after:
        old = before.get(one.environment)
        if old is not None and (found := changes(old, one)):
            yield Difference(environment=one.environment, before=old.usd, after=one.usd, changes=found)


def changes(before: Estimate, after: Estimate) -> Sequence[Change]:
    """Return the items that differ, the greatest difference first."""
    found = [change for change in _every(before, after) if abs(change.usd) >= _LEAST_USD]
    return sorted(found, key=lambda change: (-abs(change.usd), change.layer, change.item))


def _every(before: Estimate, after: Estimate) -> Iterator[Change]:
    old, new = _by_name(before.items), _by_name(after.items)
    for layer, item in sorted(old.keys() | new.keys()):
        key = (layer, item)
        yield Change(layer=layer, item=item, before=old.get(key, 0.0), after=new.get(key, 0.0))


def _by_name(items: Sequence[Item]) -> dict[tuple[str, str], float]:
    sums: dict[tuple[str, str], float] = {}
    for item in items:
        sums[item.layer, item.item] = sums.get((item.layer, item.item), 0.0) + item.usd
    return sums
