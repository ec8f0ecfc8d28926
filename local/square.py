"""Square on this machine: the part of its API that Flux calls, serving the orders that it was given.

Follows Square's API reference: Orders API (RetrieveOrder, SearchOrders), OAuth API (ObtainToken) and Webhook
Subscriptions API (square_webhooks.py). What is given to it (`PUT /merchants/{id}`, `POST /merchants/{id}/orders`,
`PUT /subscriptions/{id}`) stands for the till and the developer console; Square has no such addresses. Neither has it
`/failures`, by which it is made to fail (square_failures.py), nor `POST /merchants/{id}/expire`.
"""

import json
import re
import secrets
import threading
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Self

from . import machine
from .square_answers import Json, Record, Refused
from .square_failures import Failure, Failures, fail
from .square_search import search
from .square_webhooks import Subscriptions

# Of an access token (Square Developer, "OAuth API").
TOKEN_LIFE = timedelta(days=30)

__all__ = ["Handler", "Json", "Record", "Refused", "Square"]


@dataclass(kw_only=True)
class Merchant:
    """A restaurant as Square knows it: its tokens, and its orders by id.

    expires_at: when the access token does.
    """

    access_token: str
    refresh_token: str
    expires_at: datetime
    orders: dict[str, Record] = field(default_factory=dict)


class Square:
    """The merchants and what may be asked about them.

    Attributes:
        subscriptions: of webhooks.
        failures: the switches that make it fail.
        ahead: how far its clock is ahead of ours.
    """

    def __init__(self) -> None:
        self.failures = Failures()
        self.ahead = timedelta()
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
                expires_at=datetime.now(UTC) + TOKEN_LIFE,
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

    def expire_token(self, merchant_id: str) -> Record:
        """Let the merchant's access token expire now."""
        with self._lock:
            if merchant_id not in self._merchants:
                raise Refused(HTTPStatus.NOT_FOUND, "NOT_FOUND", f"no such merchant: {merchant_id}")
            self._merchants[merchant_id].expires_at = datetime.now(UTC)
        return {"merchant_id": merchant_id}

    def merchant_of(self, token: str) -> str | None:
        """Whose access or refresh token it is."""
        with self._lock:
            for merchant_id, merchant in self._merchants.items():
                if token in (merchant.access_token, merchant.refresh_token):
                    return merchant_id
        return None

    def retrieve_order(self, token: str, order_id: str) -> Record:
        """RetrieveOrder: one order of the token's merchant."""
        order = self._of(token).orders.get(order_id)
        if order is None:
            raise Refused(HTTPStatus.NOT_FOUND, "NOT_FOUND", f"Order not found for id {order_id}")
        return {"order": order}

    def search_orders(self, token: str, body: Record) -> Record:
        """SearchOrders; see square_search.py."""
        merchant = self._of(token)
        with self._lock:
            orders = list(merchant.orders.values())
        return search(orders, body, now=datetime.now(UTC) + self.ahead)

    def obtain_token(self, body: Record) -> Record:
        """ObtainToken with a refresh token: a new access token; Square's refresh tokens stay the same."""
        with self._lock:
            for merchant_id, merchant in self._merchants.items():
                if merchant.refresh_token == body.get("refresh_token"):
                    merchant.access_token = secrets.token_urlsafe(24)
                    merchant.expires_at = datetime.now(UTC) + TOKEN_LIFE
                    return {
                        "access_token": merchant.access_token,
                        "refresh_token": merchant.refresh_token,
                        "expires_at": merchant.expires_at.strftime("%Y-%m-%dT%H:%M:%SZ"),
                        "token_type": "bearer",
                        "merchant_id": merchant_id,
                        "short_lived": False,
                    }
        raise Refused(HTTPStatus.UNAUTHORIZED, "UNAUTHORIZED", "unknown refresh token")

    def _of(self, token: str) -> Merchant:
        with self._lock:
            for merchant in self._merchants.values():
                if secrets.compare_digest(merchant.access_token.encode(), token.encode()):
                    if merchant.expires_at <= datetime.now(UTC):
                        raise Refused(HTTPStatus.UNAUTHORIZED, "ACCESS_TOKEN_EXPIRED", "the access token has expired")
                    return merchant
        raise Refused(HTTPStatus.UNAUTHORIZED, "UNAUTHORIZED", "This request could not be authorized.")


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
        content = self.rfile.read(int(self.headers.get("content-length") or 0))
        try:
            body = _read(content)
            self._require_version()
            failure = self._failure(body)
            if failure is not None:
                fail(self, failure, self.square.failures, lambda: self._route(body))
                return
            status, answer = HTTPStatus.OK, self._route(body)
        except Refused as refusal:
            status, answer = refusal.status, refusal.body
        self._send(status, answer)

    do_POST = do_PUT = do_DELETE = do_GET  # noqa: N815 - the base class names them so

    def _send(self, status: HTTPStatus, answer: Record) -> None:
        content = json.dumps(answer).encode()
        self.send_response(status)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def _require_version(self) -> None:
        """Refuse what is no version of the API; without the header, Square takes the application's own."""
        version = self.headers.get("square-version")
        if version is None:
            return
        try:
            known = date.fromisoformat(version) <= datetime.now(UTC).date()
        except ValueError:
            known = False
        if not known:
            raise Refused(HTTPStatus.BAD_REQUEST, "BAD_REQUEST", f"Square-Version {version} does not exist")

    def _failure(self, body: Record) -> Failure | None:
        """The failure that meets this request; what stands for tills and consoles never fails."""
        if not self.path.startswith(("/v2/", "/oauth2/")):
            return None
        token = self._token() or str(body.get("refresh_token") or "")
        return self.square.failures.next_for(self.square.merchant_of(token))

    def _token(self) -> str:
        return (self.headers.get("authorization") or "").removeprefix("Bearer ")

    def _route(self, body: Record) -> Record:
        asked = [self.command, *self.path.strip("/").split("/")]
        answer = self._square_answer(asked, body)
        if answer is None:
            answer = self._stand_in_answer(asked, body)
        if answer is None:
            raise Refused(HTTPStatus.NOT_FOUND, "NOT_FOUND", f"no such address: {self.command} {self.path}")
        return answer

    def _square_answer(self, asked: list[str], body: Record) -> Record | None:
        """What Square's own addresses answer; None for others."""
        square, token = self.square, self._token()
        match asked:
            case ["GET", "v2", "orders", order_id]:
                return square.retrieve_order(token, order_id)
            case ["POST", "v2", "orders", "search"]:
                return square.search_orders(token, body)
            case ["POST", "oauth2", "token"]:
                return square.obtain_token(body)
            case ["GET", "v2", "webhooks", "subscriptions", subscription_id]:
                return square.subscriptions.retrieve(token, subscription_id)
            case ["POST", "v2", "webhooks", "subscriptions", subscription_id, "signature-key"]:
                return square.subscriptions.replace_key(token, subscription_id, body)
            case _:
                return None

    def _stand_in_answer(self, asked: list[str], body: Record) -> Record | None:
        """What stands for tills, for the developer console, and for bad days; None for other addresses."""
        square = self.square
        answer: Record | None = None
        match asked:
            case ["PUT", "subscriptions", subscription_id]:
                answer = square.subscriptions.put(subscription_id, body)
            case ["PUT", "merchants", merchant_id]:
                answer = square.put_merchant(merchant_id, body)
            case ["POST", "merchants", merchant_id, "orders"]:
                answer = square.put_orders(merchant_id, body)
            case ["POST", "merchants", merchant_id, "expire"]:
                answer = square.expire_token(merchant_id)
            case ["GET", "failures"]:
                answer = square.failures.show()
            case ["PUT", "failures", kind]:
                answer = square.failures.turn_on(kind, body)
            case ["DELETE", "failures", *kinds]:
                answer = square.failures.turn_off(*kinds[:1])
            case ["GET", "health"]:
                answer = {"status": "ok"}
        return answer

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class names it so
        """Print requests without what could be a secret."""
        print(re.sub(r"access_token=[^& ]*", "access_token=…", format % args), flush=True)  # noqa: T201 - this is its log


def _read(content: bytes) -> Record:
    try:
        body = json.loads(content or b"{}")
    except ValueError:
        body = None
    if not isinstance(body, dict):
        raise Refused(HTTPStatus.BAD_REQUEST, "EXPECTED_JSON_BODY", "The body is no JSON object.")
    return body


def main() -> None:
    """Serve until stopped."""
    ThreadingHTTPServer((machine.HOST, machine.SQUARE_PORT), Handler.serving(Square())).serve_forever()


if __name__ == "__main__":
    main()
