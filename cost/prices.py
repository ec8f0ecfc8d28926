"""The price table: what one unit costs, who says so, and since when."""

import datetime as dt
import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, model_validator

_TABLE = Path(__file__).with_name("prices.toml")


class PriceError(LookupError):
    """A price is missing; the message says which, and where to write it."""


class Tier(BaseModel):
    """What a unit costs as long as the month's quantity is not above `up_to`; None: however much it is."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    usd: float = Field(gt=0)
    up_to: float | None = None


class Price(BaseModel):
    """One row of the table.

    usd, or tiers: of one `unit`, USD. source: an address, or "memory". read: the day on which somebody looked.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    unit: str
    source: str = Field(pattern=r"^(https?://.+|memory)$")
    read: dt.date
    usd: float | None = Field(default=None, gt=0)
    tiers: list[Tier] = []

    @model_validator(mode="after")
    def _one_price_or_tiers(self) -> "Price":
        if (self.usd is None) == (not self.tiers):
            raise ValueError("must say either usd or tiers")
        if self.tiers and self.tiers[-1].up_to is not None:
            raise ValueError("the last of the tiers must hold for every quantity; leave out its up_to")
        return self

    @property
    def verified(self) -> bool:
        """Whether somebody else says so."""
        return self.source != "memory"

    def cost(self, quantity: float) -> float:
        """USD for so many units in one month."""
        total, begin = 0.0, 0.0
        for tier in self.tiers or [Tier(usd=self.usd or 0.0)]:
            end = quantity if tier.up_to is None else min(quantity, tier.up_to)
            total += max(end - begin, 0.0) * tier.usd
            begin = max(begin, end)
        return total


@cache
def prices() -> Mapping[str, Price]:
    """Return every price by its name."""
    rows = tomllib.loads(_TABLE.read_text())
    return {name: Price.model_validate(row) for name, row in rows.items()}


def price_of(name: str) -> Price:
    """Return the price of this name.

    Raises:
        PriceError: the table has no such row.
    """
    if name not in prices():
        raise PriceError(f"{name}: has no price; add a row [{name!r}] with unit, source and date to cost/prices.toml")
    return prices()[name]
