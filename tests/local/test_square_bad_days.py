"""Square on this machine, asked by Square's own SDK: what it takes for an answer, a page or an error is one."""

import datetime as dt
import json
from collections.abc import Iterator
from http.server import ThreadingHTTPServer
from threading import Thread

import httpx
import pytest
from square import Square as Sdk
from square.core.api_error import ApiError

from local.square import Handler, Record, Square
from local.square_failures import KINDS
from local.till import AURORA
from ops import command as flux
from ops.verbs import square as verb

TOKENS: Record = {"access_token": "first-access-token", "refresh_token": "refresh-token"}
DAY = dt.date(2026, 3, 4)


@pytest.fixture
def square() -> Square:
    square = Square()
    square.put_merchant(AURORA.merchant_id, dict(TOKENS))
    square.put_orders(AURORA.merchant_id, {"orders": list(AURORA.past(days=3, until=DAY))})
    return square


@pytest.fixture
def url(square: Square) -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler.serving(square))
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    square.failures.turn_off()
    server.shutdown()
    server.server_close()
    thread.join()


def sdk(url: str, token: str = "first-access-token") -> Sdk:  # noqa: S107 - the stand-in's
    return Sdk(token=token, base_url=url, httpx_client=httpx.Client(timeout=0.5, follow_redirects=False))


def search(client: Sdk, **more: object) -> list[str]:
    """Every order, page by page."""
    ids: list[str] = []
    cursor: str | None = None
    while True:
        page = client.orders.search(
            location_ids=[AURORA.location_id],
            cursor=cursor,
            limit=7,
            query={"sort": {"sort_field": "UPDATED_AT", "sort_order": "ASC"}, **more},
            request_options={"max_retries": 0},
        )
        assert not page.errors
        ids += [str(order.id) for order in page.orders or []]
        if (cursor := page.cursor) is None:
            return ids


def test_squares_own_client_reads_every_page_and_every_order(url: str) -> None:
    expected = sorted(AURORA.past(days=3, until=DAY), key=lambda order: (str(order["updated_at"]), str(order["id"])))
    assert search(sdk(url)) == [order["id"] for order in expected]
    order = sdk(url).orders.get(order_id=str(expected[0]["id"])).order
    assert order is not None
    assert order.line_items is not None
    assert order.line_items[0].name == AURORA.menu[0].name


def test_states_and_times_filter_as_documented(url: str, square: Square) -> None:
    day = AURORA.day(DAY)
    square.put_orders(AURORA.merchant_id, {"orders": [day[0] | {"state": "OPEN"}, day[1] | {"state": "CANCELED"}]})
    assert search(sdk(url), filter={"state_filter": {"states": ["OPEN", "CANCELED"]}}) == [day[0]["id"], day[1]["id"]]
    moment = str(day[0]["updated_at"])
    window = {"date_time_filter": {"updated_at": {"start_at": moment, "end_at": moment}}}
    assert search(sdk(url), filter=window) == [day[0]["id"]]  # both ends belong to it


def code_of(error: pytest.ExceptionInfo[ApiError]) -> tuple[int | None, str]:
    assert isinstance(error.value.body, dict)
    return error.value.status_code, error.value.body["errors"][0]["code"]


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"limit": 0}, "INVALID_VALUE"),
        ({"limit": 1001}, "INVALID_VALUE"),
        ({"location_ids": [str(number) for number in range(11)]}, "ARRAY_LENGTH_TOO_LONG"),
        ({"cursor": "nonsense"}, "INVALID_CURSOR"),
        ({"query": {"sort": {"sort_field": "PRICE"}}}, "INVALID_ENUM_VALUE"),
        ({"query": {"filter": {"state_filter": {"states": ["EATEN"]}}}}, "INVALID_ENUM_VALUE"),
        ({"query": {"filter": {"date_time_filter": {"updated_at": {}}}}}, "BAD_REQUEST"),
    ],
    ids=str,
)
def test_a_search_that_the_reference_does_not_allow_is_refused(url: str, body: dict[str, object], code: str) -> None:
    headers = {"authorization": "Bearer first-access-token"}
    answer = httpx.post(f"{url}/v2/orders/search", json=body, headers=headers)
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["code"] == code


def test_a_cursor_belongs_to_its_query(url: str) -> None:
    page = sdk(url).orders.search(location_ids=[AURORA.location_id], limit=2)
    with pytest.raises(ApiError) as error:
        sdk(url).orders.search(location_ids=["ELSEWHERE"], limit=2, cursor=page.cursor)
    assert code_of(error) == (400, "INVALID_CURSOR")


def test_a_version_of_the_api_that_does_not_exist_is_refused(url: str) -> None:
    headers = {"authorization": "Bearer first-access-token", "square-version": "tomorrow"}
    assert httpx.post(f"{url}/v2/orders/search", json={}, headers=headers).status_code == 400


def test_an_expired_token_is_refused_until_it_is_refreshed(url: str, square: Square) -> None:
    square.expire_token(AURORA.merchant_id)
    with pytest.raises(ApiError) as error:
        search(sdk(url))
    assert code_of(error) == (401, "ACCESS_TOKEN_EXPIRED")
    kept = str(TOKENS["refresh_token"])
    obtained = sdk(url).o_auth.obtain_token(
        client_id="sq0idp",
        client_secret="anything",  # noqa: S106 - the stand-in takes any
        grant_type="refresh_token",
        refresh_token=kept,
    )
    assert obtained.refresh_token == kept  # with the code flow it stays the same
    assert obtained.expires_at is not None
    assert len(search(sdk(url, str(obtained.access_token)))) == 18


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind not in ("slow", "redirect")])
def test_squares_own_client_meets_every_failure_too(url: str, square: Square, kind: str) -> None:
    square.failures.turn_on(kind, {"times": 1})
    if kind == "errors-with-200":
        with pytest.raises(AssertionError):
            search(sdk(url))
    else:
        with pytest.raises((ApiError, httpx.HTTPError, json.JSONDecodeError, TypeError, ValueError)):
            search(sdk(url))
    square.failures.turn_off()
    assert len(search(sdk(url))) == 18


def test_the_limit_names_its_category_and_how_long_to_wait(url: str, square: Square) -> None:
    square.failures.turn_on("rate-limit", {"seconds": 7})
    with pytest.raises(ApiError) as error:
        search(sdk(url))
    assert code_of(error) == (429, "RATE_LIMITED")
    assert error.value.headers is not None
    assert error.value.headers["retry-after"] == "7"


def test_only_the_named_merchant_fails(url: str, square: Square) -> None:
    square.failures.turn_on("server-error", {"merchant_id": "somebody else"})
    assert len(search(sdk(url))) == 18


@pytest.mark.parametrize(
    "how",
    [
        *({"seconds": value} for value in (-5, float("nan"), float("inf"), 1e9, "5", None)),
        *({"times": value} for value in (-1, 0, 1.5, "3")),
        *({"merchant_id": value} for value in ("", 7)),
    ],
    ids=str,
)
def test_a_failure_that_no_request_could_meet_is_refused(url: str, square: Square, how: Record) -> None:
    answer = httpx.put(f"{url}/failures/slow", content=json.dumps(how))
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (400, *how)
    assert square.failures.show()["failures"] == []


def test_no_wait_at_all_is_taken_at_its_word(url: str, square: Square) -> None:
    square.failures.turn_on("rate-limit", {"seconds": 0})
    with pytest.raises(ApiError) as error:
        search(sdk(url))
    assert error.value.headers is not None
    assert error.value.headers["retry-after"] == "0"


def test_a_person_turns_failures_on_and_off(
    url: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    real = verb.address
    monkeypatch.setattr(verb, "address", lambda config: real(config) and url)
    monkeypatch.setattr(verb, "connect", lambda config: config)  # no platform has this Square
    assert flux.main(["square", "--fail", "rate-limit", "--seconds", "7", "--times", "3"]) == 0
    assert "ON  rate-limit for everybody, 7 s, for 3 more requests" in capsys.readouterr().out
    assert flux.main(["square", "--well"]) == 0
    assert "is well" in capsys.readouterr().out
    assert flux.main(["square", "--fail", "earthquake"]) == 1
    assert "there are rate-limit" in capsys.readouterr().err
    assert flux.main(["square", "--fail", "slow", "--seconds", "999999"]) == 1
    assert "seconds 999999.0: must be a number from 0 to 86400" in capsys.readouterr().err
    assert flux.main(["square", "--seconds", "7"]) == 1
    assert "give --fail KIND with it" in capsys.readouterr().err
    assert flux.main(["square", "--env", "prod"]) == 1
    assert "only local" in capsys.readouterr().err
    assert flux.main(["square", "--json"]) == 0
    answer = "".join(line for line in capsys.readouterr().out.splitlines() if not line.startswith('"'))  # its log
    assert json.loads(answer)["failures"] == []
