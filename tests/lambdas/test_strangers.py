"""What a stranger may send: each refusal is a problem document with a 4xx, and nothing counts as our failure."""

import base64
import json
from collections.abc import Iterator
from typing import cast
from urllib.parse import urlencode

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from api import handler as api
from authorizer import handler as authorizer
from webhook import handler as webhook

from .support.api_client import claims, signed, token_of
from .support.lambda_events import Context, http_event
from .support.platform import Platform
from .support.restaurants import Restaurant, open_restaurant

SIGN_IN = "/api/v1/auth/token"
WEBHOOK = "/api/v1/webhooks/square"
JSON = {"content-type": "application/json"}

HALF_A_PAIR = "\ud800"
DEEP = "[" * 100_000

ODD_TEXTS = (
    "",
    " ",
    "\0",
    HALF_A_PAIR,
    "\N{POT OF FOOD}" * 50,
    "%",
    "%00",
    "%25",
    "%ff%fe",
    "0",
    "-1",
    "1e999",
    "9" * 5_000,
    "NaN",
    "Infinity",
    "null",
    "None",
    "true",
    "0001-01-01",
    "9999-12-31",
    "0000-00-00",
    "2026-02-30",
    "10000-01-01",
    "0001-01-01T00:00:00+23:59",
    "9999-12-31T23:59:59-23:59",
    "'; DROP TABLE users; --",
    "../../etc/passwd",
    "a" * 9_000,
)

texts = st.sampled_from(ODD_TEXTS) | st.text(max_size=40) | st.text(st.characters(categories=["Cs", "Cc"]), max_size=8)
scalars = texts | st.none() | st.booleans() | st.integers() | st.floats() | st.just(10**400)
documents = st.recursive(
    scalars, lambda one: st.lists(one, max_size=3) | st.dictionaries(texts, one, max_size=3), max_leaves=8
)
cursors = st.builds(
    lambda content: base64.urlsafe_b64encode(content).decode().rstrip("="),
    st.binary(max_size=60)
    | st.builds(
        lambda moment, identity: json.dumps([moment, identity]).encode(),
        scalars | st.datetimes(timezones=st.timezones()).map(lambda moment: moment.isoformat()),
        texts | st.uuids().map(str) | documents,
    ),
)


@pytest.fixture(scope="module")
def restaurant(platform: Platform) -> Restaurant:
    return open_restaurant(platform)


def counted(output: str) -> int:
    """The failures of ours in a function's output."""
    return sum(json.loads(line).get("ServerErrors", 0) for line in output.splitlines() if line.startswith('{"_aws"'))


def answer(event: dict[str, object]) -> tuple[int, dict[str, object]]:
    """The api's answer, which is never a failure of ours and, if it refuses, is a problem document."""
    answered = api.handler(event, Context())
    status, headers = cast("int", answered["statusCode"]), cast("dict[str, str]", answered["headers"])
    body = cast("str", answered["body"])
    assert 200 <= status < 500
    assert status != 403  # which CloudFront takes for a file that is not there
    assert len(json.dumps(answered)) < 100_000
    if status < 400:
        return status, {}
    assert headers["content-type"] == "application/problem+json"
    problem: dict[str, object] = json.loads(body)
    assert problem["status"] == status
    assert {"title", "detail"} <= problem.keys()
    return status, problem


@pytest.fixture(autouse=True)
def _nothing_counts_as_our_failure(capfd: pytest.CaptureFixture[str]) -> Iterator[None]:
    yield
    assert counted(capfd.readouterr().out) == 0


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (json.dumps({"email": "nobody@x.example", "password": HALF_A_PAIR}), 422),
        (json.dumps({"email": f"nobody{HALF_A_PAIR}@x.example", "password": "x"}), 422),
        (json.dumps({"email": "nobody@x.example", "password": "x", HALF_A_PAIR: 1}), 422),
        (json.dumps({f"m{number}": 1 for number in range(1_000)}), 422),
        ('{"email":"nobody@x.example","password":"a","password":"b"}', 401),
        ('{"email":"nobody@x.example","password":"\\u0000"}', 401),
        (json.dumps({"email": 10**400, "password": 1e308}), 422),
        ('{"email":' + "9" * 5_000 + "}", 400),
        ('{"email": NaN, "password": Infinity}', 422),
        ('{"a":' * 2_000, 422),
        ("[" * 8_000 + "]" * 8_000, 422),
        ("[]", 422),
        ("null", 422),
        ("", 422),
        ("{", 422),
        (b"\xff\xfe{}", 422),
        (b'{"email":"\xff@x.example"}', 400),
        (DEEP, 413),
        ("x" * 5_000_000, 413),
        (b"x" * 4_000_000, 413),
    ],
    ids=range(20),
)
def test_no_body_of_a_sign_in_is_our_failure(platform: Platform, body: str | bytes, status: int) -> None:
    del platform
    assert answer(http_event("POST", SIGN_IN, headers=JSON, body=body))[0] == status


@pytest.mark.parametrize(
    "kind", ["", "text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=", "a/b/c;;=", "\0"]
)
def test_no_content_type_is_our_failure(platform: Platform, kind: str) -> None:
    del platform
    body = json.dumps({"email": "kind@x.example", "password": "x"})
    status, _ = answer(http_event("POST", SIGN_IN, headers={"content-type": kind}, body=body))
    assert status in {401, 422}


def test_a_body_that_is_not_base64_although_marked_so_is_malformed(platform: Platform) -> None:
    del platform
    event = http_event("POST", SIGN_IN, headers=JSON, body=b"{}") | {"body": "%%%"}
    assert answer(event)[0] == 400


@pytest.mark.parametrize(
    "path", ["/api/v1/%61uth/token", "/api/v1/%2561uth/token", "/api/v1/auth%2Ftoken", "/api/v1/auth/token%", "/%"]
)
@pytest.mark.parametrize("method", ["POST", "GET", "HEAD"])
def test_a_path_that_is_still_encoded_is_not_decoded_again(platform: Platform, method: str, path: str) -> None:
    """Nor tried by a library: the firewall counts sign-ins by their path."""
    del platform
    answered = api.handler(http_event(method, path, headers=JSON, body="{}"), Context())
    assert answered["statusCode"] == 404


@pytest.mark.parametrize(
    "path",
    ["", "/", "//", "/api", "/api/", "//api/v1/health", "/api/v1/../v1/health", "/api/v1/health/", "/\0", HALF_A_PAIR],
)
def test_no_path_is_our_failure(platform: Platform, path: str) -> None:
    del platform
    assert answer(http_event("GET", path))[0] in {400, 404}


@pytest.mark.parametrize(
    "headers",
    [
        {"host": "flux.example:port"},
        {"host": "[::1]:80:80"},
        {"x-forwarded-port": "many"},
        {"x-forwarded-proto": "gopher"},
        {"x-forwarded-for": "nobody, \0, 999.0.0.1"},
        {"content-length": "-1"},
        {"authorization": "Bearer"},
        {"authorization": f"Bearer {HALF_A_PAIR}"},
        {"authorization": "Bearer \N{LATIN SMALL LETTER O WITH DIAERESIS}"},
        {"authorization": "Bearer " + "." * 9_000},
        {"authorization": "Bearer " + base64.urlsafe_b64encode(DEEP.encode()[:7_000]).decode() + ".e30."},
        {"cookie": HALF_A_PAIR},
        {HALF_A_PAIR: "x"},
        {"transfer-encoding": "chunked"},
    ],
    ids=range(14),
)
def test_no_header_is_our_failure(platform: Platform, headers: dict[str, str]) -> None:
    del platform
    assert answer(http_event("GET", "/api/v1/transactions", headers=headers))[0] in {400, 401}


@pytest.mark.parametrize(
    "content",
    [
        b'["0001-01-01T00:00:00+23:59","00000000-0000-4000-8000-000000000000"]',
        b'["9999-12-31T23:59:59-23:59","00000000-0000-4000-8000-000000000000"]',
        b'["0000-01-01T00:00:00Z","00000000-0000-4000-8000-000000000000"]',
        b'["2026-01-01T00:00:00","00000000-0000-4000-8000-000000000000"]',
        b"[1e400,1]",
        b"[" * 120,
        b"\xff",
        b"",
    ],
)
def test_a_cursor_that_no_page_ended_with_is_the_callers_mistake(restaurant: Restaurant, content: bytes) -> None:
    cursor = base64.urlsafe_b64encode(content).decode()
    status, _ = answer(_read("transactions", restaurant, f"cursor={cursor}"))
    assert status in {400, 422}


def _read(path: str, restaurant: Restaurant, query: str) -> dict[str, object]:
    headers = {"authorization": f"Bearer {token_of(restaurant)}"}
    return http_event("GET", f"/api/v1/{path}", headers=headers) | {"rawQueryString": query}


@settings(max_examples=150, deadline=None, derandomize=True)
@given(document=documents)
def test_any_json_at_sign_in_is_answered(platform: Platform, document: object) -> None:
    del platform
    answer(http_event("POST", SIGN_IN, headers=JSON, body=json.dumps(document)))


@settings(max_examples=60, deadline=None, derandomize=True)
@given(email=texts | st.emails(), password=scalars)
def test_any_address_and_password_at_sign_in_are_answered(platform: Platform, email: object, password: object) -> None:
    del platform
    answer(http_event("POST", SIGN_IN, headers=JSON, body=json.dumps({"email": email, "password": password})))


@settings(max_examples=200, deadline=None, derandomize=True)
@given(
    route=st.sampled_from(["transactions", "forecasts", "connections", "health", "nothing"]),
    query=st.dictionaries(
        st.sampled_from(["cursor", "limit", "from", "to", "\0", "%"]), texts | cursors | st.dates().map(str), max_size=4
    ),
    encode=st.booleans(),
)
def test_any_query_of_an_owner_is_answered(
    restaurant: Restaurant, route: str, query: dict[str, str], *, encode: bool
) -> None:
    written = urlencode(query, errors="replace") if encode else "&".join("=".join(pair) for pair in query.items())
    answer(_read(route, restaurant, written))


@settings(max_examples=100, deadline=None, derandomize=True)
@given(cursor=cursors, limit=st.integers())
def test_any_cursor_is_answered(restaurant: Restaurant, cursor: str, limit: int) -> None:
    answer(_read("transactions", restaurant, f"cursor={cursor}&limit={limit}"))


@settings(max_examples=100, deadline=None, derandomize=True)
@given(
    changes=st.dictionaries(st.sampled_from(["sub", "restaurant_id", "role", "exp", "nbf", "aud", "iss"]), documents)
)
def test_any_claims_even_signed_ones_are_answered(restaurant: Restaurant, changes: dict[str, object]) -> None:
    try:
        token = signed(claims(restaurant, **changes))
    except (TypeError, ValueError):
        return  # nobody can sign this
    answer(http_event("GET", "/api/v1/forecasts", headers={"authorization": f"Bearer {token}"}))


@settings(max_examples=100, deadline=None, derandomize=True)
@given(method=texts, path=texts, headers=st.dictionaries(texts, texts, max_size=3), cookies=st.lists(texts, max_size=2))
def test_any_request_line_and_headers_are_answered(
    platform: Platform, method: str, path: str, headers: dict[str, str], cookies: list[str]
) -> None:
    del platform
    answer(http_event(method, f"/api/v1/{path}", headers=headers) | {"cookies": cookies})


@settings(max_examples=100, deadline=None, derandomize=True)
@given(body=st.none() | texts | st.binary(max_size=64), signature=texts, path=texts, encoded=st.booleans())
def test_any_delivery_of_a_stranger_is_answered(
    platform: Platform, body: str | bytes | None, signature: str, path: str, *, encoded: bool
) -> None:
    del platform
    for address in (WEBHOOK, f"/api/v1/webhooks/{path}"):
        event = http_event("POST", address, headers={"x-square-hmacsha256-signature": signature}, body=body)
        answered = webhook.handler(event | {"isBase64Encoded": encoded or isinstance(body, bytes)}, Context())
        assert answered["statusCode"] in {400, 401, 404}
        assert answered["headers"]["content-type"] == "application/problem+json"
        assert json.loads(answered["body"])["status"] == answered["statusCode"]


@settings(max_examples=100, deadline=None, derandomize=True)
@given(source=st.none() | documents | st.lists(documents, max_size=3))
def test_any_header_is_refused_by_the_authorizer(platform: Platform, source: object) -> None:
    del platform
    assert authorizer.handler({"type": "REQUEST", "identitySource": source}, Context()) == {"isAuthorized": False}


@pytest.mark.parametrize(
    "path", ["health", "ready", "forecasts", "transactions", "connections", "nothing", "auth/token", "auth/password"]
)
def test_head_is_answered_like_get_without_the_body(restaurant: Restaurant, path: str) -> None:
    def ask(method: str) -> tuple[object, object, object]:
        headers = {"authorization": f"Bearer {token_of(restaurant)}"}
        answered = api.handler(http_event(method, f"/api/v1/{path}", headers=headers), Context())
        kind = cast("dict[str, str]", answered["headers"])["content-type"]
        return answered["statusCode"], kind, answered["body"]

    head, get = ask("HEAD"), ask("GET")
    assert head[:2] == get[:2]
    assert head[2] == ""


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "BREW"])
def test_another_method_is_refused_with_those_there_are(platform: Platform, method: str) -> None:
    del platform
    answered = api.handler(http_event(method, "/api/v1/health"), Context())
    assert answered["statusCode"] == 405
    assert cast("dict[str, str]", answered["headers"])["allow"] == "GET, HEAD"
