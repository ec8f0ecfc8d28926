"""What a rehearsal of the sync worker finds where real work finds Square.

The rehearsal's restaurants have no tokens that Square would take, so their orders stand here, as Square would send
them. What becomes of each, the release gate knows (release_gate/sales.py).
"""

import json
from http import HTTPMethod
from typing import override

from pydantic import JsonValue

from flux_core.tenancy import RestaurantId

from .square_client import SquareClient
from .tokens import TokenCipher

# By the beginning of an order's id, which is also that of the location's.
_CURRENCIES = {"rehearsal": "USD", "second": "JPY"}

_NOON = "2020-01-08T12:00:00.000Z"
_LATER = "2020-01-08T12:05:00.000Z"


class RehearsalCipher(TokenCipher):
    """Square's tokens of restaurants that have none."""

    @override
    def encrypt(self, restaurant_id: RestaurantId, token: str) -> bytes:
        return b""

    @override
    def decrypt(self, restaurant_id: RestaurantId, ciphertext: bytes) -> str:
        return "rehearsal"


class RehearsalSquare(SquareClient):
    """Square, as far as the rehearsal's restaurants are known there."""

    @override
    def _call(self, method: str, path: str, **request: object) -> bytes:
        if path.startswith("/oauth2/"):
            answer: JsonValue = {"access_token": "rehearsal", "refresh_token": "rehearsal"}
        elif method == HTTPMethod.GET:
            answer = {"order": _order(path.rsplit("/", 1)[-1])}
        else:
            answer = _page(request.get("body"))
        return json.dumps(answer).encode()


def _page(body: object) -> JsonValue:
    """Two pages for each restaurant: a new sale, an older state of it and a sale that is known; then one more."""
    match body:
        case {"location_ids": [str(location)], "cursor": "2"}:
            name = location.lower()
            return {"orders": [_order(f"{name}-b"), {**_order(f"{name}-c"), "state": "OPEN"}]}
        case {"location_ids": [str(location)]}:
            name = location.lower()
            older = {**_order(f"{name}-a", dishes=1), "version": 1, "updated_at": _NOON}
            return {"orders": [_order(f"{name}-a"), older, _order(f"{name}-20200107")], "cursor": "2"}
        case _:
            return {}


def _order(order_id: str, *, dishes: int = 3) -> dict[str, JsonValue]:
    """A finished order of some soup, in its second version."""
    name = order_id.split("-", maxsplit=1)[0]
    money: JsonValue = {"amount": 500 * dishes, "currency": _CURRENCIES.get(name, "USD")}
    line: JsonValue = {
        "uid": f"{order_id}-1",
        "catalog_object_id": "REHEARSAL" if name == "rehearsal" else "SECOND-SOUP",
        "name": "Rehearsal soup" if name == "rehearsal" else "Second soup",
        "quantity": str(dishes),
        "total_money": money,
    }
    return {
        "id": order_id,
        "location_id": name.upper(),
        "state": "COMPLETED",
        "version": 2,
        "created_at": _NOON,
        "updated_at": _LATER,
        "closed_at": _NOON,
        "total_money": money,
        "line_items": [line],
    }
