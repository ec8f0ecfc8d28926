"""Calls to the api function, as API Gateway makes them."""

import datetime as dt
import json
from dataclasses import dataclass

import jwt

from api import handler as api

from .lambda_events import Context, http_event
from .platform import TOKEN_KEY
from .restaurants import PASSWORD, Restaurant


@dataclass(frozen=True, kw_only=True)
class Response:
    status: int
    headers: dict[str, str]
    body: dict[str, object]


def call(event: dict[str, object], context: Context | None = None) -> Response:
    answer = api.handler(event, context or Context())
    status, headers, body = answer["statusCode"], answer["headers"], answer["body"]
    assert isinstance(status, int)
    assert isinstance(headers, dict)
    assert isinstance(body, str)
    return Response(status=status, headers=headers, body=json.loads(body or "{}"))


def get(path: str, token: str | None = None, **query: str | int) -> Response:
    headers = {} if token is None else {"authorization": f"Bearer {token}"}
    return call(http_event("GET", f"/api/v1/{path}", headers=headers, query=query))


def sign_in(email: object, password: object = PASSWORD) -> Response:
    body = json.dumps({"email": email, "password": password})
    return call(http_event("POST", "/api/v1/auth/token", headers={"content-type": "application/json"}, body=body))


def send(method: str, path: str, token: str, body: object = None) -> Response:
    headers = {"content-type": "application/json", "authorization": f"Bearer {token}"}
    return call(http_event(method, f"/api/v1/{path}", headers=headers, body=json.dumps(body)))


def choose_by_link(token: object, password: object) -> Response:
    body = json.dumps({"token": token, "new_password": password})
    return call(
        http_event("POST", "/api/v1/auth/password-link", headers={"content-type": "application/json"}, body=body)
    )


def change_password(token: str, current: object, new: object) -> Response:
    return send("PUT", "auth/password", token, {"current_password": current, "new_password": new})


def token_of(restaurant: Restaurant) -> str:
    return signed(claims(restaurant))


def items(response: Response) -> list[dict[str, object]]:
    found = response.body["items"]
    assert isinstance(found, list)
    return found


def claims(restaurant: Restaurant, **changes: object) -> dict[str, object]:
    now = int(dt.datetime.now(dt.UTC).timestamp())
    return {
        "sub": str(restaurant.user_id),
        "restaurant_id": str(restaurant.id),
        "role": "owner",
        "iss": "flux-platform",
        "aud": "flux-api",
        "iat": now,
        "exp": now + 60,
        **changes,
    }


def signed(content: dict[str, object], *, key: str = TOKEN_KEY["key"], kid: str = "1", algorithm: str = "HS256") -> str:
    return jwt.encode(content, key, algorithm=algorithm, headers={"kid": kid})
