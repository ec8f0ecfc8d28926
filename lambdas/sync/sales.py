"""Sales, whatever till they come from."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Literal

# What a dish is called whose till gives it no name; a name that was known before is kept.
UNNAMED = "Unnamed dish"


@dataclass(frozen=True, kw_only=True)
class Line:
    """Part of a sale.

    number: its place in the sale, from 1.
    provider_line_id: its name within the order at the provider; a return refers to it.
    provider_item_id: the item at the provider; None for what is no dish: an amount typed in at the till, a gift card.
    name: what the till calls it.
    quantity: sold units, to five decimal places (some things are sold by weight).
    total_minor: price of the whole line in minor units.
    """

    number: int
    provider_line_id: str | None
    provider_item_id: str | None
    name: str
    quantity: Decimal
    total_minor: int


@dataclass(frozen=True, kw_only=True)
class ReturnedItem:
    """What is taken back: as a line, and which line of the order that it was sold in."""

    source_line_id: str | None
    provider_item_id: str | None
    name: str
    quantity: Decimal
    total_minor: int


@dataclass(frozen=True, kw_only=True)
class Return:
    """What a sale takes back of an earlier one. source_order_id: that one at the provider; None if nobody knows."""

    source_order_id: str | None
    items: tuple[ReturnedItem, ...]


@dataclass(frozen=True, kw_only=True)
class Sale:
    """An order that is paid, and one that is not any more.

    provider_order_id: the order at the provider.
    version, updated_at: the provider's count of changes, 0 where it does not count them, and the time of the last.
        The state with the greater pair is the newer one.
    state: a canceled order counts as no sale; it is kept so that a late older version cannot bring it back. An unpaid
        one is not stored; but if it was paid once, it is canceled.
    sold_at: when it was paid.
    total_minor, currency: money in minor units, below 0 if more was paid back, and its ISO 4217 code.
    returns: what it takes back; an order with returns and without lines is a return, one with both is an exchange.
    """

    provider_order_id: str
    version: int
    updated_at: datetime | None
    state: Literal["completed", "canceled", "unpaid"]
    sold_at: datetime
    total_minor: int
    currency: str
    lines: tuple[Line, ...]
    returns: tuple[Return, ...] = ()
