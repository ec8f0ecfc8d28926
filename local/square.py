"""Square on this machine: the part of its API that Flux calls, serving the orders that it was given.

Follows Square's API reference: Orders API (RetrieveOrder, SearchOrders), OAuth API (ObtainToken) and Webhook
Subscriptions API (square_webhooks.py). What is given to it (`PUT /merchants/{id}`, `POST /merchants/{id}/orders`,
`PUT /subscriptions/{id}`) stands for the till and the developer console; Square has no such addresses.
"""

import json
import re
import secrets
import threading
from dataclasses import dataclass, field
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Self

from . import machine
from .square_answers import Json, Record, Refused
from .square_webhooks import Subscriptions

__all__ = ["Handler", "Json", "Record", "Refused", "Square"]


@dataclass(kw_only=True)
class Merchant:
    """A restaurant as Square knows it: its tokens, and its orders by id."""

    access_token: str
    refresh_token: str
    orders: dict[str, Record] = field(default_factory=dict)


class Square:
    """The merchants and what may be asked about them.

    Attributes:
        subscriptions: of webhooks.
    """

    def __init__(self) -> None:
        self.subscriptions = Subscriptions()
        self._merchants: dict[str, Merchant] = {}
        self._lock = threading.Lock()

    def put_merchant(self, merchant_id: str, body: Record) -> Record:
        """Make a merchant known, or give it other tokens."""
        with self._lock:
            known = self._merchants.get(merchant_id)
            self._merchants[merchant_id] = Merchant(
                access_token=str(body["access_token"]),
                refresh_token=str(body["refresh_token"]),
                orders=known.orders if known else {},
            )
        return {"merchant_id": merchant_id}

    def put_orders(self, merchant_id: str, body: Record) -> Record:
        """Ring up orders; one with a known id replaces it, as an update at the till does."""
        orders = body["orders"]
        if not isinstance(orders, list):
            raise Refused(HTTPStatus.BAD_REQUEST, "BAD_REQUEST", "orders must be a list")
        with self._lock:
            merchant = self._merchants[merchant_id]
            for order in orders:
                if isinstance(order, dict):
                    merchant.orders[str(order["id"])] = order
            return {"orders": len(merchant.orders)}

    def retrieve_order(self, token: str, order_id: str) -> Record:
        """RetrieveOrder: one order of the token's merchant."""
        order = self._of(token).orders.get(order_id)
        if order is None:
            raise Refused(HTTPStatus.NOT_FOUND, "NOT_FOUND", f"Order not found for id {order_id}")
        return {"order": order}

    def search_orders(self, token: str, body: Record) -> Record:
        """SearchOrders: orders by location and `updated_at`, oldest first, paged by cursor."""
        merchant = self._of(token)
        locations, since, until = _search_filter(body)
        with self._lock:
            found = sorted(
                (
                    order
                    for order in merchant.orders.values()
                    if since <= str(order["updated_at"]) <= until
                    and (not locations or order["location_id"] in locations)
                ),
                key=lambda order: (str(order["updated_at"]), str(order["id"])),
            )
        start, limit = int(str(body.get("cursor") or 0)), int(str(body.get("limit") or 500))
        page: Record = {"orders": list(found[start : start + limit])}
        if start + limit < len(found):
            page["cursor"] = str(start + limit)
        return page

    def obtain_token(self, body: Record) -> Record:
        """ObtainToken with a refresh token: a new access token; Square's refresh tokens stay the same."""
        with self._lock:
            for merchant_id, merchant in self._merchants.items():
                if merchant.refresh_token == body.get("refresh_token"):
                    merchant.access_token = secrets.token_urlsafe(24)
                    return {
                        "access_token": merchant.access_token,
                        "refresh_token": merchant.refresh_token,
                        "token_type": "bearer",
                        "merchant_id": merchant_id,
                    }
        raise Refused(HTTPStatus.UNAUTHORIZED, "UNAUTHORIZED", "unknown refresh token")

    def _of(self, token: str) -> Merchant:
        with self._lock:
            for merchant in self._merchants.values():
                if secrets.compare_digest(merchant.access_token, token):
                    return merchant
        raise Refused(HTTPStatus.UNAUTHORIZED, "ACCESS_TOKEN_EXPIRED", "the access token is not valid")


def _search_filter(body: Record) -> tuple[list[str], str, str]:
    locations = body.get("location_ids")
    window = _at(body, "query", "filter", "date_time_filter", "updated_at")
    return (
        [str(location) for location in locations] if isinstance(locations, list) else [],
        str(window.get("start_at") or ""),
        str(window.get("end_at") or "9999"),
    )


def _at(body: Record, *path: str) -> Record:
    here = body
    for name in path:
        inner = here.get(name)
        here = inner if isinstance(inner, dict) else {}
    return here


class Handler(BaseHTTPRequestHandler):
    """Routes requests to one Square."""

    square: Square
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True  # or every body waits 40 ms for its headers to be acknowledged

    @classmethod
    def serving(cls, square: Square) -> type[Self]:
        """A handler class for this Square."""
        return type("SquareHandler", (cls,), {"square": square})

    def do_GET(self) -> None:
        """Answer a request of any method."""
        body: Record = json.loads(self.rfile.read(int(self.headers.get("content-length") or 0)) or b"{}")
        try:
            status, answer = HTTPStatus.OK, self._route(body)
        except Refused as refusal:
            status, answer = refusal.status, refusal.body
        content = json.dumps(answer).encode()
        self.send_response(status)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    do_POST = do_PUT = do_GET  # noqa: N815 - the base class names them so

    def _route(self, body: Record) -> Record:
        token = (self.headers.get("authorization") or "").removeprefix("Bearer ")
        match [self.command, *self.path.strip("/").split("/")]:
            case ["GET", "v2", "orders", order_id]:
                answer = self.square.retrieve_order(token, order_id)
            case ["POST", "v2", "orders", "search"]:
                answer = self.square.search_orders(token, body)
            case ["POST", "oauth2", "token"]:
                answer = self.square.obtain_token(body)
            case ["GET", "v2", "webhooks", "subscriptions", subscription_id]:
                answer = self.square.subscriptions.retrieve(token, subscription_id)
            case ["POST", "v2", "webhooks", "subscriptions", subscription_id, "signature-key"]:
                answer = self.square.subscriptions.replace_key(token, subscription_id, body)
            case ["PUT", "subscriptions", subscription_id]:
                answer = self.square.subscriptions.put(subscription_id, body)
            case ["PUT", "merchants", merchant_id]:
                answer = self.square.put_merchant(merchant_id, body)
            case ["POST", "merchants", merchant_id, "orders"]:
                answer = self.square.put_orders(merchant_id, body)
            case ["GET", "health"]:
                answer = {"status": "ok"}
            case _:
                raise Refused(HTTPStatus.NOT_FOUND, "NOT_FOUND", f"no such address: {self.command} {self.path}")
        return answer

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class names it so
        """Print requests without what could be a secret."""
        print(re.sub(r"access_token=[^& ]*", "access_token=…", format % args), flush=True)  # noqa: T201 - this is its log


def main() -> None:
    """Serve until stopped."""
    ThreadingHTTPServer((machine.HOST, machine.SQUARE_PORT), Handler.serving(Square())).serve_forever()


if __name__ == "__main__":
    main()
