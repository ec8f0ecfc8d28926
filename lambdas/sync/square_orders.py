"""Square's orders as its API describes them, and what each is to Flux: a sale, or set aside with a reason to count.

What is optional in Square's schema is optional here, and what it may add (members, values of an enumeration) is no
error. Only an order with a member of another type than Square's is refused, because that is not Square's.

Source: Square API reference, objects `Order`, `OrderLineItem`, `OrderReturn`, `Tender` and `Money`.
"""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from flux_core.json_text import REPLACEMENT

from .sales import UNNAMED, Line, Return, ReturnedItem, Sale

# PostgreSQL's text takes every character but NUL.
Text = Annotated[str, AfterValidator(lambda text: text.replace("\0", REPLACEMENT))]
Amount = Annotated[int, Field(ge=-(2**63), lt=2**63)]

# What the columns hold. Square's own limits are lower: 192 for ids, 512 for names, 500 lines.
ID_LENGTH = 255
NAME_LENGTH = 1_000
MOST_LINES = 32_767
MOST_VERSIONS = 2**31 - 1

# ISO 4217's code for "no currency is involved"; Square's enumeration has UNKNOWN_CURRENCY, and may have others.
NO_CURRENCY = "XXX"

# Five places after the point as Square gives them, seven before it as the column holds them.
_QUANTITY = re.compile(r"[0-9]{1,32}(\.[0-9]{1,32})?")
_FINEST = Decimal("0.00001")
_MOST = Decimal(10) ** 7

# Square exists since 2009; a clock that is centuries off is wrong, and such times come back from PostgreSQL as errors.
_YEARS = range(2000, 2100)

type OrderReason = Literal["open", "draft", "unknown state", "without id", "without time"]
type LineReason = Literal["malformed", "nothing sold", "negative quantity", "absurd quantity", "currency", "too many"]


class _Square(BaseModel):
    """Square adds members to its objects at any time; those that Flux does not read are ignored."""

    model_config = ConfigDict(strict=True, frozen=True)


class Money(_Square):
    """An amount in minor units."""

    amount: Amount | None = None
    currency: Text | None = None


class Amounts(_Square):
    """An order's sums."""

    total_money: Money | None = None


class Item(_Square):
    """One line of an order, or of a return. A custom amount has no catalog object, and may have no name."""

    uid: Text | None = None
    source_line_item_uid: Text | None = None
    catalog_object_id: Text | None = None
    name: Text | None = None
    variation_name: Text | None = None
    item_type: Text | None = None
    quantity: Text
    total_money: Money | None = None

    @property
    def dish(self) -> str | None:
        """The catalog object, if it is one that a kitchen makes."""
        return None if self.item_type in ("CUSTOM_AMOUNT", "GIFT_CARD") else _identifier(self.catalog_object_id)

    @property
    def label(self) -> str:
        """What people call it."""
        name = (self.name or "").strip() or (UNNAMED if self.dish else "Custom amount")
        variation = (self.variation_name or "").strip()
        label = f"{name} ({variation})" if variation else name
        return label if len(label) <= NAME_LENGTH else f"{label[: NAME_LENGTH - 1]}…"

    @property
    def amount(self) -> int:
        """The line's total in minor units."""
        return 0 if self.total_money is None else self.total_money.amount or 0


class Returned(_Square):
    """What an order takes back of one earlier order."""

    source_order_id: Text | None = None
    return_line_items: list[object] | None = None


class CardDetails(_Square):
    """A card payment's state."""

    status: Text | None = None


class Tender(_Square):
    """A payment of an order, or a part of it."""

    amount_money: Money | None = None
    created_at: Text | None = None
    card_details: CardDetails | None = None

    @property
    def counts(self) -> bool:
        """Whether it was not taken back before it was settled."""
        return self.card_details is None or self.card_details.status not in ("VOIDED", "FAILED")


@dataclass(frozen=True, kw_only=True)
class Reading:
    """What an order is to Flux.

    sale: what is to be stored.
    set_aside: why it is no sale; None for sales and canceled orders.
    dropped: how many lines were left out, by reason.
    """

    sale: Sale | None
    set_aside: OrderReason | None = None
    dropped: Counter[LineReason] = field(default_factory=Counter)


class SquareOrder(_Square):
    """An order.

    version: orders not created through the API do not include a version number; nearly all of a till's have none.
    line_items, returns, tenders: each entry is checked by itself, so that a bad one does not cost the sale.
    """

    id: Text | None = None
    location_id: Text | None = None
    state: Text | None = None
    version: int | None = None
    created_at: Text | None = None
    updated_at: Text | None = None
    closed_at: Text | None = None
    total_money: Money | None = None
    net_amounts: Amounts | None = None
    net_amount_due_money: Money | None = None
    line_items: list[object] | None = None
    returns: list[object] | None = None
    tenders: list[object] | None = None

    @property
    def changed_at(self) -> datetime | None:
        """When Square last changed it."""
        return _moment(self.updated_at)

    def read(self) -> Reading:
        """What it is: its state is looked at first, and the rest only as far as the state needs it."""
        reason: OrderReason | None = None
        match self.state:
            case "COMPLETED":
                state: Literal["completed", "canceled", "unpaid"] = "completed"
            case "CANCELED":
                state = "canceled"
            case "OPEN" if self._is_paid():
                state = "completed"
            case "OPEN":
                state, reason = "unpaid", "open"
            case "DRAFT":
                state, reason = "unpaid", "draft"
            case _:
                return Reading(sale=None, set_aside="unknown state")
        order_id, sold_at = _identifier(self.id), self._sold_at()
        if order_id is None:
            return Reading(sale=None, set_aside="without id")
        if sold_at is None:
            return Reading(sale=None, set_aside=reason or "without time")
        dropped: Counter[LineReason] = Counter()
        items = list(self._checked(self.line_items, dropped))
        currency = self._currency([item for item, _ in items])
        lines = list(_lines(items, currency, dropped))
        total = self._total()
        return Reading(
            sale=Sale(
                provider_order_id=order_id,
                version=min(max(self.version or 0, 0), MOST_VERSIONS),
                updated_at=self.changed_at,
                state=state,
                sold_at=sold_at,
                total_minor=_bigint(sum(line.total_minor for line in lines)) if total is None else total,
                currency=currency,
                lines=tuple(lines),
                returns=tuple(self._returns(dropped)),
            ),
            set_aside=reason,
            dropped=dropped,
        )

    def _is_paid(self) -> bool:
        """Whether nothing is due any more, although the order is open: often nobody completes a pickup at the till."""
        total = self._total()
        paid = [tender for tender in self._tenders() if tender.counts]
        due = None if self.net_amount_due_money is None else self.net_amount_due_money.amount
        if due is not None:
            return due <= 0 and (bool(paid) or (total or 0) > 0)
        given = sum((tender.amount_money.amount or 0) for tender in paid if tender.amount_money is not None)
        return bool(paid) and total is not None and given >= total

    def _sold_at(self) -> datetime | None:
        """When it was closed; an open order, when the last payment came; where neither is known, its other times."""
        payments = (_moment(tender.created_at) for tender in self._tenders())
        paid_at = max((moment for moment in payments if moment is not None), default=None)
        paid_open = paid_at if self.state == "OPEN" else None
        known = (_moment(self.closed_at), paid_open, _moment(self.created_at), self.changed_at)
        return next((moment for moment in known if moment is not None), None)

    def _total(self) -> int | None:
        net = None if self.net_amounts is None else self.net_amounts.total_money
        amounts = (money.amount for money in (self.total_money, net) if money is not None)
        return next((amount for amount in amounts if amount is not None), None)

    def _currency(self, items: Sequence[Item]) -> str:
        net = None if self.net_amounts is None else self.net_amounts.total_money
        moneys = (self.total_money, net, self.net_amount_due_money, *(item.total_money for item in items))
        codes = (money.currency for money in moneys if money is not None)
        return next((code for code in codes if code is not None and _is_currency(code)), NO_CURRENCY)

    def _tenders(self) -> Iterator[Tender]:
        for each in self.tenders or []:
            tender = _valid(Tender, each)
            if tender is not None:
                yield tender

    def _returns(self, dropped: Counter[LineReason]) -> Iterator[Return]:
        for each in self.returns or []:
            returned = _valid(Returned, each)
            if returned is None:
                dropped["malformed"] += 1
                continue
            yield Return(
                source_order_id=_identifier(returned.source_order_id),
                items=tuple(
                    ReturnedItem(
                        source_line_id=_identifier(item.source_line_item_uid),
                        provider_item_id=item.dish,
                        name=item.label,
                        quantity=quantity,
                        total_minor=item.amount,
                    )
                    for item, quantity in self._checked(returned.return_line_items, dropped)
                ),
            )

    @staticmethod
    def _checked(entries: list[object] | None, dropped: Counter[LineReason]) -> Iterator[tuple[Item, Decimal]]:
        """The lines that can be counted, each with how much of it; the others are counted by reason."""
        for number, each in enumerate(entries or [], start=1):
            item = _valid(Item, each)
            if item is None:
                dropped["malformed"] += 1
                continue
            quantity = _quantity(item.quantity)
            if not isinstance(quantity, Decimal):
                dropped[quantity] += 1
            elif number > MOST_LINES:
                dropped["too many"] += 1
            else:
                yield item, quantity


def _lines(items: Sequence[tuple[Item, Decimal]], currency: str, dropped: Counter[LineReason]) -> Iterator[Line]:
    for number, (item, quantity) in enumerate(items, start=1):
        code = None if item.total_money is None else item.total_money.currency
        if code is not None and _is_currency(code) and code != currency:
            dropped["currency"] += 1
            continue
        yield Line(
            number=number,
            provider_line_id=_identifier(item.uid),
            provider_item_id=item.dish,
            name=item.label,
            quantity=quantity,
            total_minor=item.amount,
        )


def _valid[Shape: BaseModel](shape: type[Shape], entry: object) -> Shape | None:
    try:
        return shape.model_validate(entry)
    except ValidationError:
        return None


def _quantity(text: str) -> Decimal | LineReason:
    """Sold units; or why they cannot be counted."""
    if re.fullmatch(rf"-{_QUANTITY.pattern}", text):
        return "negative quantity"
    if _QUANTITY.fullmatch(text) is None:
        return "malformed"
    if Decimal(text) >= _MOST:
        return "absurd quantity"
    quantity = Decimal(text).quantize(_FINEST)
    if quantity >= _MOST:
        return "absurd quantity"
    return quantity if quantity > 0 else "nothing sold"


def _identifier(text: str | None) -> str | None:
    """An id that the columns hold; REPLACEMENT stands for what Square never writes into one."""
    return text if text and len(text) <= ID_LENGTH and REPLACEMENT not in text else None


def _is_currency(code: str) -> bool:
    return re.fullmatch("[A-Z]{3}", code) is not None


def _bigint(amount: int) -> int:
    return min(max(amount, -(2**63)), 2**63 - 1)


def _moment(text: str | None) -> datetime | None:
    """RFC 3339, with or without fractions of a second; without a zone it is UTC. None for what is no time."""
    try:
        # Python knows no leap second, and no lower-case z.
        moment = datetime.fromisoformat(re.sub(r":60(?=\.|[Zz+-]|$)", ":59", text or "").upper())
        moment = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except (ValueError, OverflowError):
        return None
    return moment if moment.year in _YEARS else None
