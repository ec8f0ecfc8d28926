"""Square's API, as far as Flux calls it: orders, and new OAuth tokens.

Source: Square API reference, RetrieveOrder, SearchOrders, ObtainToken.
"""

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Annotated
from urllib.parse import quote

from pydantic import AwareDatetime, BaseModel, ConfigDict, JsonValue, StringConstraints, ValidationError

from flux_core.exchange import Exchange, ExchangeError
from flux_core.json_text import read_json
from flux_core.metrics import count, record
from flux_core.secrets import Secret, Secrets
from flux_core.square import API_VERSION
from flux_core.tally import TALLY
from flux_core.vocabulary import SALES_FETCHED, SQUARE_CALLS, SQUARE_ERRORS, SQUARE_LATENCY

from .square_faults import (
    SquareAccessRevokedError,
    SquareAnswerError,
    SquareOrderUnknownError,
    SquareRefusedError,
    SquareUnauthorizedError,
    SquareUnavailableError,
    fault_in,
)
from .square_orders import SquareOrder

PAGE = 500  # SearchOrders gives at most 1000 a page

# A page of orders has a few KiB an order, 1 MiB or so; many times as much is no page of orders.
MAX_BYTES = 16 * 1024 * 1024
# For a whole answer. Square may take some 20 ms an order, and a page has 500.
SECONDS, PAGE_SECONDS = 10, 20


class SquareApplication(Secret):
    """Our application at Square."""

    application_id: str
    application_secret: str


@dataclass(frozen=True, kw_only=True)
class Tokens:
    """A connection's OAuth tokens, in the clear.

    expires_at: when the access token does, if Square says so.
    """

    access: str = field(repr=False)
    refresh: str = field(repr=False)
    expires_at: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class Page:
    """Some orders, unchecked, and the cursor of the next page if there is one."""

    orders: tuple[JsonValue, ...]
    cursor: str | None


class _Retrieved(BaseModel):
    order: dict[str, JsonValue]


class _Found(BaseModel):
    orders: list[JsonValue] | None = None
    cursor: str | None = None


class _Obtained(BaseModel):
    model_config = ConfigDict(hide_input_in_errors=True)

    access_token: Annotated[str, StringConstraints(min_length=1)]
    # With the code flow it stays the same.
    refresh_token: Annotated[str, StringConstraints(min_length=1)] | None = None
    expires_at: AwareDatetime | None = None


@contextmanager
def _watched() -> Iterator[None]:
    """Count one call, how long it took, and whether it was answered as it should be.

    That Square refuses a token or an order is no error of Square's.
    """
    began = time.perf_counter()
    count(SQUARE_CALLS)
    try:
        yield
    except SquareUnavailableError:
        count(SQUARE_ERRORS)
        raise
    finally:
        record(SQUARE_LATENCY, 1000 * (time.perf_counter() - began))


class SquareClient:
    """Calls Square. Every call here may be repeated without harm."""

    def __init__(self, *, url: str, secrets: Secrets, application_secret: str) -> None:
        self._secrets = secrets
        self._application_secret = application_secret
        self._exchange = Exchange(url, max_bytes=MAX_BYTES)

    @_watched()
    def order(self, token: str, order_id: str) -> SquareOrder:
        """One order.

        Raises:
            SquareOrderUnknownError: Square has no such order.
            SquareError: Square does not give it, or it is not valid.
        """
        subject = f"order {order_id}"
        try:
            content = self._call("GET", f"/v2/orders/{quote(order_id, safe='')}", token=token)
        except SquareRefusedError as error:
            if error.status == HTTPStatus.NOT_FOUND:
                raise SquareOrderUnknownError(str(error), status=error.status) from error
            raise
        order = _check_order(_parse(_Retrieved, content, subject).order, subject)
        if order.id not in (None, order_id):
            raise SquareAnswerError(f"Square answers with order {order.id} when asked for {order_id}")
        TALLY.promised += 1
        count(SALES_FETCHED)
        return order

    @_watched()
    def search(self, token: str, *, locations: list[str], since: datetime, cursor: str | None) -> Page:
        """Orders updated since then, oldest update first.

        Raises:
            SquareError: Square does not give them.
        """
        start_at = since.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="milliseconds") + "Z"
        body: dict[str, JsonValue] = {
            "location_ids": list(locations),
            "query": {
                "filter": {"date_time_filter": {"updated_at": {"start_at": start_at}}},
                "sort": {"sort_field": "UPDATED_AT", "sort_order": "ASC"},
            },
            "limit": PAGE,
        }
        if cursor is not None:
            body["cursor"] = cursor
        content = self._call("POST", "/v2/orders/search", token=token, body=body, seconds=PAGE_SECONDS)
        found = _parse(_Found, content, "the search")
        TALLY.promised += len(found.orders or ())
        count(SALES_FETCHED, len(found.orders or ()))
        return Page(orders=tuple(found.orders or ()), cursor=found.cursor or None)

    def refresh_tokens(self, refresh_token: str) -> Tokens:
        """A new access token.

        Raises:
            SquareAccessRevokedError: Square gives none any more; the restaurant's owner has withdrawn our access.
            SquareError: Square does not answer as it should.
        """
        application = self._secrets.read(self._application_secret, SquareApplication)
        try:
            return self._obtain(application, refresh_token)
        except SquareUnauthorizedError:
            # Square says the same to an application with a wrong secret, which may have been replaced just now.
            fresh = self._secrets.refresh(self._application_secret, SquareApplication)
            if fresh != application:
                return self._obtain(fresh, refresh_token)
            raise

    @_watched()
    def _obtain(self, application: SquareApplication, refresh_token: str) -> Tokens:
        body: dict[str, JsonValue] = {
            "client_id": application.application_id,
            "client_secret": application.application_secret,
            "grant_type": "refresh_token",
            "refresh_token": refresh_token,
        }
        try:
            content = self._call("POST", "/oauth2/token", body=body)
        except SquareUnauthorizedError as error:
            raise SquareAccessRevokedError(str(error)) from error
        except SquareRefusedError as error:
            if error.status == HTTPStatus.BAD_REQUEST:  # what OAuth says of a refresh token (RFC 6749, 5.2)
                raise SquareAccessRevokedError(str(error)) from error
            raise
        try:
            obtained = _Obtained.model_validate_json(content)
        except ValidationError:
            # Neither the reason nor the answer is shown: they may hold a token.
            raise SquareUnavailableError("POST /oauth2/token: an answer without an access token") from None
        return Tokens(
            access=obtained.access_token,
            refresh=obtained.refresh_token or refresh_token,
            expires_at=obtained.expires_at,
        )

    def _call(
        self,
        method: str,
        path: str,
        *,
        token: str | None = None,
        body: dict[str, JsonValue] | None = None,
        seconds: float = SECONDS,
    ) -> bytes:
        headers = {"Square-Version": API_VERSION, "Accept": "application/json"}
        if token is not None:
            headers["Authorization"] = f"Bearer {token}"
        if body is not None:
            headers["Content-Type"] = "application/json"
        content = None if body is None else json.dumps(body).encode()
        request = f"{method} {path}"
        try:
            answer = self._exchange.ask(method, path, headers=headers, body=content, seconds=seconds)
        except ExchangeError as error:
            raise SquareUnavailableError(f"{request}: {error}") from error
        fault = fault_in(answer.status, answer.headers, answer.content, request=request)
        if fault is not None:
            raise fault
        return answer.content


def _check_order(order: dict[str, JsonValue], subject: str) -> SquareOrder:
    try:
        return SquareOrder.model_validate(order)
    except ValidationError as error:
        raise SquareAnswerError(f"{subject} is not as Square describes it: {_problems(error)}") from None


def _parse[Shape: BaseModel](shape: type[Shape], content: bytes, subject: str) -> Shape:
    """The answer as `shape`.

    Raises:
        SquareUnavailableError: it is a page of HTML, cut off, or has not the members that Square's answers have. The
            fault is of whoever wrote it, not of what was asked.
    """
    try:
        return shape.model_validate(read_json(content))
    except ValidationError as error:
        raise SquareUnavailableError(f"{subject} is not as Square describes it: {_problems(error)}") from None
    except ValueError as error:
        raise SquareUnavailableError(f"{subject} is no JSON: {error}") from None


def _problems(error: ValidationError) -> str:
    return "; ".join(
        f"{'.'.join(map(str, problem['loc']))}: {problem['msg']}"
        for problem in error.errors(include_url=False, include_input=False)
    )
