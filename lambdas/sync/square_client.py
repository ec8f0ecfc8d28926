"""Square's API, as far as Flux calls it: orders, and new OAuth tokens.

Source: Square API reference, RetrieveOrder, SearchOrders, ObtainToken.
"""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Annotated
from urllib.parse import quote

import urllib3
from pydantic import BaseModel, ConfigDict, JsonValue, StringConstraints, ValidationError

from flux_core.json_text import read_json
from flux_core.secrets import Secret, Secrets, SecretText
from flux_core.square import API_VERSION

from .square_orders import SquareOrder

PAGE = 500  # SearchOrders gives at most 1000 a page


class SquareError(RuntimeError):
    """Square did not do what it was asked."""


class SquareUnavailableError(SquareError):
    """Square cannot be reached, is busy, or fails."""


class SquareUnauthorizedError(SquareError):
    """The access token is expired or revoked."""


class SquareAnswerError(SquareError):
    """Square's answer is not what its reference says; an order in it must not be stored."""


class SquareApplication(Secret):
    """Our application at Square."""

    application_id: SecretText
    application_secret: SecretText


@dataclass(frozen=True, kw_only=True)
class Tokens:
    """A connection's OAuth tokens, in the clear."""

    access: str = field(repr=False)
    refresh: str = field(repr=False)


@dataclass(frozen=True, kw_only=True)
class Page:
    """Some orders, unchecked, and the cursor of the next page if there is one."""

    orders: tuple[JsonValue, ...]
    cursor: str | None


class _Retrieved(BaseModel):
    order: SquareOrder


class _Found(BaseModel):
    orders: list[JsonValue] | None = None
    cursor: str | None = None


class _Obtained(BaseModel):
    model_config = ConfigDict(hide_input_in_errors=True)

    access_token: Annotated[str, StringConstraints(min_length=1)]
    refresh_token: Annotated[str, StringConstraints(min_length=1)]


class SquareClient:
    """Calls Square. Every call here may be repeated without harm."""

    def __init__(self, *, url: str, secrets: Secrets, application_secret: str) -> None:
        self._url = url
        self._secrets = secrets
        self._application_secret = application_secret
        self._http = urllib3.PoolManager(
            timeout=urllib3.Timeout(connect=3, read=8),
            retries=urllib3.Retry(
                total=1,
                backoff_factor=0.5,
                status_forcelist=(429, 500, 502, 503, 504),
                allowed_methods=None,
                raise_on_status=False,
                redirect=False,
                # It may ask for longer than the function lives; SQS delivers the message again instead.
                respect_retry_after_header=False,
            ),
        )

    def order(self, token: str, order_id: str) -> SquareOrder:
        """One order.

        Raises:
            SquareError: Square does not give it, or it is not valid.
        """
        content = self._call("GET", f"/v2/orders/{quote(order_id, safe='')}", token=token)
        order = _parse(_Retrieved, content, f"order {order_id}").order
        if order.id not in (None, order_id):
            raise SquareAnswerError(f"Square answers with order {order.id} when asked for {order_id}")
        return order

    def search(self, token: str, *, locations: list[str], since: datetime, cursor: str | None) -> Page:
        """Orders updated since then, oldest update first.

        Raises:
            SquareError: Square does not give them.
        """
        start_at = since.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z")
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
        found = _parse(_Found, self._call("POST", "/v2/orders/search", token=token, body=body), "the search")
        return Page(orders=tuple(found.orders or ()), cursor=found.cursor or None)

    def refresh_tokens(self, refresh_token: str) -> Tokens:
        """A new access token.

        Raises:
            SquareError: Square does not give it; the restaurant's owner may have withdrawn our access.
        """
        application = self._secrets.read(self._application_secret, SquareApplication)
        body: dict[str, JsonValue] = {
            "client_id": application.application_id,
            "client_secret": application.application_secret,
            "grant_type": "refresh_token",
            "refresh_token": refresh_token,
        }
        obtained = _parse(_Obtained, self._call("POST", "/oauth2/token", body=body), "new tokens")
        return Tokens(access=obtained.access_token, refresh=obtained.refresh_token)

    def _call(
        self, method: str, path: str, *, token: str | None = None, body: dict[str, JsonValue] | None = None
    ) -> bytes:
        headers = {"Square-Version": API_VERSION, "Accept": "application/json"}
        if token is not None:
            headers["Authorization"] = f"Bearer {token}"
        try:
            answer = self._http.request(method, self._url + path, headers=headers, json=body)
        except urllib3.exceptions.HTTPError as error:
            raise SquareUnavailableError(f"{method} {path}: {type(error).__name__}") from error
        if answer.status == 401:
            raise SquareUnauthorizedError(f"{method} {path}: Square refuses the token")
        if answer.status == 429 or answer.status >= 500:
            raise SquareUnavailableError(f"{method} {path}: HTTP {answer.status}")
        if answer.status != 200:
            raise SquareError(f"{method} {path}: HTTP {answer.status}")
        return answer.data


def _parse[Shape: BaseModel](shape: type[Shape], content: bytes, subject: str) -> Shape:
    try:
        return shape.model_validate(read_json(content))
    except ValidationError as error:
        problems = "; ".join(
            f"{'.'.join(map(str, problem['loc']))}: {problem['msg']}"
            for problem in error.errors(include_url=False, include_input=False)
        )
        raise SquareAnswerError(f"{subject} is not as Square describes it: {problems}") from None
    except ValueError as error:
        raise SquareAnswerError(f"{subject} is not as Square describes it: no JSON") from error
