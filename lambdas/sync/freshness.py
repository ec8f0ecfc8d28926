"""How soon after they were rung up sales are stored."""

from collections.abc import Iterable
from datetime import UTC, datetime

from flux_core.metrics import count, record
from flux_core.vocabulary import SALE_FRESHNESS, SALES_ON_TIME, SALES_STORED

from .connections import Connection
from .sales import Sale


class Freshness:
    """Counts new sales, and those of them that were stored within so many seconds."""

    def __init__(self, *, promised_seconds: int) -> None:
        self._promised_seconds = promised_seconds

    def count(self, sales: Iterable[Sale], connection: Connection) -> None:
        """Count sales that are committed just now; a new connection's history was promised to nobody."""
        now = datetime.now(UTC)
        ages = [
            max(0.0, (now - sale.sold_at).total_seconds())  # a till's clock may be ahead of ours
            for sale in sales
            if sale.sold_at >= connection.created_at
        ]
        if not ages:
            return
        count(SALES_STORED, len(ages))
        count(SALES_ON_TIME, sum(age <= self._promised_seconds for age in ages))
        for age in ages:
            record(SALE_FRESHNESS, age)
