"""What became of a batch's messages: one line for all of them, because at 580 sales a second lines are money."""

from collections import Counter
from collections.abc import Mapping

from pydantic import JsonValue

from flux_core.logs import logger
from flux_core.metrics import record
from flux_core.tenancy import RestaurantId
from flux_core.vocabulary import BUSIEST_TENANT_SHARE

from .square_orders import LineReason

# As many messages as Lambda hands over at once (BATCH_SIZE in flux_infra/compute/function.py).
FULL = 10


class Journal:
    """Collects it."""

    def __init__(self) -> None:
        self._entries: list[JsonValue] = []
        self._restaurants: Counter[RestaurantId] = Counter()

    def note(
        self,
        became: str,
        *,
        request_id: str | None = None,
        restaurant_id: RestaurantId | None = None,
        order_id: str | None = None,
        lines_dropped: Mapping[LineReason, int] | None = None,
    ) -> None:
        """Note one message.

        became: like `stored`; or why it was set aside.
        request_id, order_id: the webhook's request, and the order at Square, under which the row is found.
        lines_dropped: of the order, by reason.
        """
        if restaurant_id is not None:
            self._restaurants[restaurant_id] += 1
        known: dict[str, JsonValue] = {
            "request_id": request_id,
            "restaurant_id": None if restaurant_id is None else str(restaurant_id),
            "order_id": order_id,
            "lines_dropped": dict((lines_dropped or {}).items()) or None,
        }
        told = {name: value for name, value in known.items() if value is not None}
        self._entries.append({"became": became, **told})

    def write(self, *, messages: int) -> None:
        """Tell what became of a batch of so many messages, and begin anew. Those that failed told so themselves."""
        if self._entries:
            busiest: dict[str, JsonValue] = {}
            for restaurant_id, number in self._restaurants.most_common(1):
                busiest = {"busiest_restaurant": str(restaurant_id), "busiest_messages": number}
                if messages >= FULL:
                    record(BUSIEST_TENANT_SHARE, 100 * number / messages)
            logger.info("batch taken", extra={"messages": messages, "taken": self._entries, **busiest})
        self._entries, self._restaurants = [], Counter()
