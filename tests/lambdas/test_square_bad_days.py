"""What the sync worker does when Square fails, in each of the ways in which the stand-in can: on real SQS semantics.

Nothing is lost, nothing is dead-lettered, nobody else waits, and Square is not asked before it may be.
"""

import datetime as dt
import json
import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from flux_core.batch import PATIENCE_SECONDS
from flux_core.database import Database
from flux_core.postponing import FIRST_SENT, POSTPONED, Delayed
from flux_core.secrets import Secrets
from local.square import Record
from local.square_failures import KINDS
from sync import handler as sync
from sync import square_client
from sync.access import Access
from sync.connections import Connection, Connections
from sync.session import SquareSession
from sync.settings import SyncSettings
from sync.square_client import SquareClient
from sync.square_faults import LONGEST_WAIT, SquareUnavailableError, fault_in
from sync.tokens import TokenCipher

from .support.delays import receive_delayed
from .support.lambda_events import Context, failed, sqs_event
from .support.platform import Platform
from .support.restaurants import Restaurant, open_restaurant
from .support.sales_at_square import event, last_synced, order, ring_up, sales, take


@pytest.fixture(autouse=True)
def _well_again(platform: Platform, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(square_client, "SECONDS", 1)
    monkeypatch.setattr(square_client, "PAGE_SECONDS", 1)
    yield
    platform.square.failures.turn_off()
    platform.drain(os.environ["POS_SYNC_QUEUE_URL"])


def receive_postponed(platform: Platform) -> list[Delayed]:
    """The messages that were sent to be received later; they are taken from what the queue was asked to keep."""
    return receive_delayed(platform.sqs, os.environ["POS_SYNC_QUEUE_URL"])


def connection_of(platform: Platform, restaurant: Restaurant) -> Connection:
    database = Database(SyncSettings.load(), Secrets(platform.secrets), statement_seconds=10)
    try:
        return Connections(database).by_id(restaurant.connection_id)
    finally:
        database.close()


def resume(platform: Platform, restaurant: Restaurant) -> None:
    """Let the pause be over."""
    with platform.tenant(restaurant.id) as cursor:
        cursor.execute("UPDATE pos_connections SET paused_until = NULL")


def requests_of(capsys: pytest.CaptureFixture[str]) -> list[str]:
    """What Square was asked since the last time."""
    lines = capsys.readouterr().out.splitlines()
    return [line for line in lines if line.startswith('"') and ("/v2/" in line or "/oauth2/" in line)]


WAYS = [kind for kind in KINDS if kind not in ("revoked", "slow")]


@pytest.mark.parametrize("kind", WAYS)
@pytest.mark.parametrize("message", ["event", "connection"])
def test_a_failure_of_squares_costs_no_delivery_and_loses_nothing(
    platform: Platform, restaurant: Restaurant, kind: str, message: str
) -> None:
    record = recent(restaurant)
    ring_up(platform, restaurant, record)
    body = event(restaurant, record) if message == "event" else connection_message(restaurant)
    platform.square.failures.turn_on(kind, {"merchant_id": restaurant.merchant_id})
    assert take(body) == []
    assert sales(platform, restaurant) == []
    assert last_synced(platform, restaurant) is None
    platform.square.failures.turn_off()
    resume(platform, restaurant)
    (copy,) = receive_postponed(platform)
    assert json.loads(copy.body) == body
    assert take(copy.body) == []
    assert [row[0] for row in sales(platform, restaurant)] == [record["id"]]


@pytest.mark.parametrize("kind", ["rate-limit", "unavailable"])
def test_retry_after_is_waited_for_by_every_worker(
    platform: Platform, restaurant: Restaurant, kind: str, capsys: pytest.CaptureFixture[str]
) -> None:
    neighbour = open_restaurant(platform)
    records = [recent(restaurant), recent(restaurant)]
    ring_up(platform, restaurant, *records)
    other = recent(neighbour)
    ring_up(platform, neighbour, other)
    platform.square.failures.turn_on(kind, {"merchant_id": restaurant.merchant_id, "seconds": 30})
    before = dt.datetime.now(dt.UTC)
    assert take(*(event(restaurant, each) for each in records), event(neighbour, other)) == []
    assert take(connection_message(restaurant)) == []  # another worker, a moment later
    asked = requests_of(capsys)
    assert len(asked) == 2, asked  # once for the first message of this merchant, and once for its neighbour's
    assert [row[0] for row in sales(platform, neighbour)] == [other["id"]]
    paused_until = connection_of(platform, restaurant).paused_until
    assert paused_until is not None
    assert paused_until >= before + dt.timedelta(seconds=30)
    assert all(copy.seconds >= 29 for copy in receive_postponed(platform))


def test_every_form_of_retry_after_is_understood() -> None:
    later = (dt.datetime.now(dt.UTC) + dt.timedelta(minutes=2)).strftime("%a, %d %b %Y %H:%M:%S GMT")
    waits = {}
    for value in (later, "7", "-1", "soon", "9" * 30, "Mon, 01 Jan 2001 00:00:00 GMT", ""):
        fault = fault_in(429, {"retry-after": value}, b"", request="GET /")
        assert isinstance(fault, SquareUnavailableError)
        waits[value] = fault.seconds
    assert 100 < waits.pop(later) <= 120
    assert waits == {
        "7": 7,
        "-1": 30,
        "soon": 30,
        "9" * 30: LONGEST_WAIT,
        "Mon, 01 Jan 2001 00:00:00 GMT": 0,
        "": 30,
    }


def test_a_slow_answer_is_an_answer(platform: Platform, restaurant: Restaurant) -> None:
    record = recent(restaurant)
    ring_up(platform, restaurant, record)
    platform.square.failures.turn_on("slow", {"seconds": 0.3})
    assert take(event(restaurant, record)) == []
    assert len(sales(platform, restaurant)) == 1


def test_what_is_postponed_for_half_a_day_counts_its_deliveries_again(
    platform: Platform, restaurant: Restaurant
) -> None:
    platform.square.failures.turn_on("html", {})
    batch = sqs_event(event(restaurant, {"id": "x"}))
    first_sent = int((dt.datetime.now(dt.UTC).timestamp() - PATIENCE_SECONDS) * 1000)
    batch["Records"][0]["messageAttributes"] = {
        FIRST_SENT: {"stringValue": str(first_sent), "dataType": "Number"},
        POSTPONED: {"stringValue": "50", "dataType": "Number"},
    }
    assert failed(sync.handler(batch, Context())) == ["0"]
    assert receive_postponed(platform) == []
    resume(platform, restaurant)
    batch["Records"][0]["messageAttributes"] = {
        FIRST_SENT: {"stringValue": str(first_sent + 60_000), "dataType": "Number"},
        POSTPONED: {"stringValue": "50", "dataType": "Number"},
    }
    assert failed(sync.handler(batch, Context())) == []
    (copy,) = receive_postponed(platform)
    assert copy.attributes == {FIRST_SENT: first_sent + 60_000, POSTPONED: 51}
    assert copy.seconds <= 900


def test_a_sync_that_a_newer_tick_repeats_is_not_kept(platform: Platform, restaurant: Restaurant) -> None:
    platform.square.failures.turn_on("server-error", {})
    batch = sqs_event(connection_message(restaurant), sent_at=dt.datetime.now(dt.UTC).timestamp() - 16 * 60)
    assert failed(sync.handler(batch, Context())) == []
    assert receive_postponed(platform) == []
    assert last_synced(platform, restaurant) is None


def test_twelve_workers_with_one_expired_token_get_one_new_token(
    platform: Platform, restaurant: Restaurant, capsys: pytest.CaptureFixture[str]
) -> None:
    record = recent(restaurant)
    ring_up(platform, restaurant, record)
    platform.square.expire_token(restaurant.merchant_id)
    expired = connection_of(platform, restaurant)

    def work(_: int) -> str:
        settings, secrets = SyncSettings.load(), Secrets(platform.secrets)
        database = Database(settings, secrets, statement_seconds=10)
        square = SquareClient(
            url=settings.square_api_url, secrets=secrets, application_secret=settings.square_application_secret
        )
        cipher = TokenCipher(platform.kms, key=settings.pos_token_key)
        try:
            session = SquareSession(expired, database=database, cipher=cipher, square=square)
            return str(session.ask(lambda token: square.order(token, str(record["id"]))).id)
        finally:
            database.close()

    with ThreadPoolExecutor(12) as workers:
        assert list(workers.map(work, range(12))) == [record["id"]] * 12
    assert len([line for line in requests_of(capsys) if "/oauth2/token" in line]) == 1
    kept = connection_of(platform, restaurant)
    assert kept.token_refreshed_at is not None
    assert kept.token_expires_at is not None


def test_who_waits_for_a_token_does_not_ask_for_it_again_when_it_is_not_to_be_had(
    platform: Platform, restaurant: Restaurant, capsys: pytest.CaptureFixture[str]
) -> None:
    platform.square.expire_token(restaurant.merchant_id)
    expired = connection_of(platform, restaurant)
    settings, secrets = SyncSettings.load(), Secrets(platform.secrets)
    database = Database(settings, secrets, statement_seconds=10)
    square = SquareClient(
        url=settings.square_api_url, secrets=secrets, application_secret=settings.square_application_secret
    )
    access = Access(database=database, cipher=TokenCipher(platform.kms, key=settings.pos_token_key), square=square)
    platform.square.failures.turn_on("unavailable", {"seconds": 60})
    for _ in range(3):
        with pytest.raises(SquareUnavailableError):
            access.renew(expired, known=expired.access_token)
    assert len(requests_of(capsys)) == 1


def test_a_token_is_renewed_a_week_after_it_was_given(
    platform: Platform, restaurant: Restaurant, capsys: pytest.CaptureFixture[str]
) -> None:
    assert take(connection_message(restaurant)) == []
    assert not any("/oauth2/" in line for line in requests_of(capsys))
    with platform.tenant(restaurant.id) as cursor:
        cursor.execute(
            "UPDATE pos_connections SET token_refreshed_at = now() - interval '7 days',"
            " token_expires_at = now() + interval '23 days'"
        )
    for _ in range(2):
        assert take(connection_message(restaurant)) == []
    assert len([line for line in requests_of(capsys) if "/oauth2/" in line]) == 1


def test_a_short_lived_token_is_renewed_after_half_its_life_and_not_at_every_sync(
    platform: Platform, restaurant: Restaurant, capsys: pytest.CaptureFixture[str]
) -> None:
    for age, renewals in (("11 hours", 0), ("12 hours", 1)):
        with platform.tenant(restaurant.id) as cursor:
            cursor.execute(
                "UPDATE pos_connections SET token_refreshed_at = now() - %(age)s::interval,"
                " token_expires_at = now() - %(age)s::interval + interval '24 hours'",
                {"age": age},
            )
        assert take(connection_message(restaurant)) == []
        assert len([line for line in requests_of(capsys) if "/oauth2/" in line]) == renewals


def test_an_old_token_that_cannot_be_renewed_is_used_as_long_as_it_is_good(
    platform: Platform, restaurant: Restaurant
) -> None:
    record = recent(restaurant)
    ring_up(platform, restaurant, record)
    with platform.tenant(restaurant.id) as cursor:
        cursor.execute("UPDATE pos_connections SET token_refreshed_at = now() - interval '8 days'")
    platform.square.failures.turn_on("server-error", {"times": 1})
    assert take(connection_message(restaurant)) == []
    assert len(sales(platform, restaurant)) == 1


@pytest.mark.parametrize("message", ["event", "connection"])
def test_withdrawn_access_deactivates_the_connection_and_nothing_is_dead_lettered(
    platform: Platform, restaurant: Restaurant, message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    platform.square.failures.turn_on("revoked", {"merchant_id": restaurant.merchant_id})
    body = event(restaurant, {"id": "x"}) if message == "event" else connection_message(restaurant)
    assert take(body) == []
    assert state_of(platform, restaurant) == (False, True)
    requests_of(capsys)
    assert take(connection_message(restaurant)) == []
    assert requests_of(capsys) == []
    assert receive_postponed(platform) == []


def test_an_application_whose_secret_was_replaced_is_not_taken_for_withdrawn_access(
    platform: Platform, restaurant: Restaurant
) -> None:
    platform.square.failures.turn_on("revoked", {"times": 1})
    record = recent(restaurant)
    ring_up(platform, restaurant, record)
    assert take(event(restaurant, record)) == []
    assert state_of(platform, restaurant) == (True, False)
    assert len(sales(platform, restaurant)) == 1


def revocation(restaurant: Restaurant, *, at: dt.datetime) -> dict[str, object]:
    moment = at.strftime("%Y-%m-%dT%H:%M:%SZ")
    return {
        "type": "square.event",
        "event": {
            "merchant_id": restaurant.merchant_id,
            "type": "oauth.authorization.revoked",
            "event_id": "f5a9e2b1",
            "created_at": moment,
            "data": {
                "type": "revocation",
                "id": "f5a9e2b1",
                "object": {"revocation": {"revoked_at": moment, "revoker_type": "MERCHANT"}},
            },
        },
    }


def test_squares_event_of_withdrawn_access_deactivates_the_connection(
    platform: Platform, restaurant: Restaurant, capsys: pytest.CaptureFixture[str]
) -> None:
    at = dt.datetime.now(dt.UTC) + dt.timedelta(seconds=1)
    assert take(revocation(restaurant, at=at), revocation(restaurant, at=at)) == []
    assert state_of(platform, restaurant) == (False, True)
    assert requests_of(capsys) == []


def test_a_late_event_does_not_end_what_was_connected_again(platform: Platform, restaurant: Restaurant) -> None:
    assert take(revocation(restaurant, at=dt.datetime.now(dt.UTC) - dt.timedelta(hours=1))) == []
    assert state_of(platform, restaurant) == (True, False)


@pytest.mark.parametrize(
    "members",
    [{"merchant_id": None}, {"merchant_id": "a\0b"}, {"data": []}, {"merchant_id": "NOBODY"}, {"created_at": 1}],
    ids=str,
)
def test_an_event_of_withdrawn_access_that_speaks_of_nobody_is_set_aside(
    platform: Platform, restaurant: Restaurant, members: dict[str, object]
) -> None:
    body = revocation(restaurant, at=dt.datetime.now(dt.UTC))
    assert isinstance(body["event"], dict)
    assert take({**body, "event": body["event"] | members}) == []
    assert state_of(platform, restaurant)[0] or "created_at" in members


def state_of(platform: Platform, restaurant: Restaurant) -> tuple[bool, bool]:
    """Whether the connection is active, and whether access is known to be withdrawn."""
    with platform.tenant(restaurant.id) as cursor:
        row = cursor.execute("SELECT active, revoked_at IS NOT NULL FROM pos_connections").fetchone()
    assert row is not None
    return row[0], row[1]


def connection_message(restaurant: Restaurant) -> dict[str, object]:
    return {"type": "sync.connection", "connection_id": str(restaurant.connection_id)}


def recent(restaurant: Restaurant) -> Record:
    moment = (dt.datetime.now(dt.UTC) - dt.timedelta(minutes=30)).strftime("%Y-%m-%dT%H:%M:%S.000Z")
    return order(restaurant) | {"created_at": moment, "updated_at": moment, "closed_at": moment}
