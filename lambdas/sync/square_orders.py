"""Square's orders, checked strictly, and the sales that they are. What does not pass is never stored.

Source: Square API reference, objects `Order`, `OrderLineItem` and `Money`.
"""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints, model_validator

# PostgreSQL's text takes every character but NUL; Square's longest name has 512 characters.
Text = Annotated[str, StringConstraints(min_length=1, max_length=512, pattern="^[^\x00]+$")]
Identifier = Annotated[str, StringConstraints(min_length=1, max_length=192, pattern="^[!-~]+$")]


def _above_zero(quantity: str) -> str:
    if Decimal(quantity) <= 0:
        raise ValueError("must be above 0")
    return quantity


Quantity = Annotated[str, StringConstraints(pattern=r"^[0-9]{1,7}(\.[0-9]{1,5})?$"), AfterValidator(_above_zero)]


class _Square(BaseModel):
    """Square adds members to its objects at any time; those that Flux does not read are ignored."""

    model_config = ConfigDict(strict=True, frozen=True)


class Money(_Square):
    """amount: in minor units; at most what PostgreSQL's bigint holds."""

    amount: Annotated[int, Field(ge=0, lt=2**63)]
    currency: Annotated[str, StringConstraints(pattern="^[A-Z]{3}$")]


class LineItem(_Square):
    """One line of an order. A custom amount has no catalog object, and may have no name."""

    catalog_object_id: Identifier | None = None
    name: Text | None = None
    variation_name: Text | None = None
    quantity: Quantity
    total_money: Money

    @property
    def label(self) -> str:
        """What people call it."""
        name = self.name or "Custom amount"
        return f"{name} ({self.variation_name})" if self.variation_name else name


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


class SquareOrder(_Square):
    """An order. Only finished ones are sales: OPEN and DRAFT come again when they are completed or canceled."""

    id: Identifier
    location_id: Identifier
    state: Literal["OPEN", "COMPLETED", "CANCELED", "DRAFT"]
    version: Annotated[int, Field(ge=0, lt=2**31)]
    created_at: AwareDatetime
    updated_at: AwareDatetime | None = None
    closed_at: AwareDatetime | None = None
    total_money: Money
    line_items: Annotated[list[LineItem], Field(max_length=500)] = []

    @model_validator(mode="after")
    def _one_currency(self) -> Self:
        strange = {line.total_money.currency for line in self.line_items} - {self.total_money.currency}
        if strange:
            raise ValueError(f"lines in {', '.join(sorted(strange))} in an order in {self.total_money.currency}")
        return self

    def sale(self) -> Sale | None:
        """The sale that the order is; None while it is not finished."""
        if self.state in ("OPEN", "DRAFT"):
            return None
        return Sale(
            provider_order_id=self.id,
            version=self.version,
            state="completed" if self.state == "COMPLETED" else "canceled",
            sold_at=self.closed_at or self.created_at,
            total_minor=self.total_money.amount,
            currency=self.total_money.currency,
            lines=tuple(
                Line(
                    number=number,
                    provider_item_id=item.catalog_object_id,
                    name=item.label,
                    quantity=Decimal(item.quantity),
                    total_minor=item.total_money.amount,
                )
                for number, item in enumerate(self.line_items, start=1)
            ),
        )
