"""A sale as Flux keeps it, whichever point-of-sale system it comes from."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Literal


@dataclass(frozen=True, kw_only=True)
class Line:
    """Part of a sale.

    number: its place in the sale, from 1.
    provider_item_id: the item at the provider; None for an amount typed in at the till.
    name: what the till calls it.
    quantity: sold units, to five decimal places (some things are sold by weight).
    total_minor: price of the whole line in minor units.
    """

    number: int
    provider_item_id: str | None
    name: str
    quantity: Decimal
    total_minor: int


@dataclass(frozen=True, kw_only=True)
class Sale:
    """A finished order, or one that was canceled.

    provider_order_id: the order at the provider.
    version: the provider's count of changes; a higher one replaces a lower one.
    state: a canceled order counts as no sale; it is kept so that a late older version cannot bring it back.
    sold_at: when it was paid.
    total_minor, currency: money in minor units, and its ISO 4217 code.
    """

    provider_order_id: str
    version: int
    state: Literal["completed", "canceled"]
    sold_at: datetime
    total_minor: int
    currency: str
    lines: tuple[Line, ...]
