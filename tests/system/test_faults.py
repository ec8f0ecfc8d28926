"""Something fails under traffic, on the deployed platform: what was accepted is stored once, and nobody has to act.

docs/reliability.md shows what a whole run found.
"""

import os
import secrets
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from pathlib import Path

import psycopg
import pytest

from local.demo import sign_in
from local.platform import Platform, wait_until
from local.proof.faults import FAULTS, Fault, failing
from local.proof.sales import Provider
from local.proof.users import repeatedly
from local.till import AURORA, RESTAURANTS, order_event, ring_up
from tests.support.kept_rows import keep_rows
from tests.system.conftest import Flux

# With RECORD_FAULTS=1 what is found replaces what was found before here, of which `make docs` makes a page.
RECORD = Path(__file__).parents[2] / "docs/generate/faults/platform.json"
SAMPLE = "PostgreSQL-killed"

SALES = 200
SALES_PER_SECOND = 4
READS_PER_SECOND = 4
WELL_SECONDS = 3.0
RECOVERY_SECONDS = 240.0
DEAD_LETTERS = ("Compute.PosSyncDeadLettersUrl", "Compute.ForecastDeadLettersUrl")


@dataclass(kw_only=True)
class Traffic:
    """A till whose sales Square announces until they are accepted, and a reader who asks again and again.

    sent: deliveries. accepted: the sales that are. read: what the reader got.
    """

    sent: int = 0
    accepted: list[str] = field(default_factory=list)
    read: Counter[str] = field(default_factory=Counter)
    last_read: str = ""


@contextmanager
def traffic(platform: Platform) -> Iterator[Traffic]:
    """Until the block ends."""
    run, now = f"fault-{secrets.token_hex(4)}", datetime.now(UTC)
    orders = [
        AURORA.order(f"{run}-{number}", at=now - timedelta(seconds=number), sold={AURORA.menu[0]: 1})
        for number in range(SALES)
    ]
    ring_up(AURORA, orders)  # all of them before: Square may be what fails
    seen = Traffic()
    provider = Provider(platform)
    waiting = [str(order["id"]) for order in orders]

    def sell() -> None:
        if waiting:
            seen.sent += 1
            (status,) = provider.deliver([order_event(AURORA.merchant_id, waiting[0], event_id=waiting[0])])
            if status == HTTPStatus.ACCEPTED:
                seen.accepted.append(waiting.pop(0))

    with platform.visitor() as visitor:
        headers = {"authorization": f"Bearer {sign_in(visitor, AURORA)}"}

        def read() -> None:
            answer = visitor.get("/api/v1/transactions", params={"limit": 1}, headers=headers)
            text = str(answer.status_code)
            if answer.status_code == HTTPStatus.SERVICE_UNAVAILABLE:
                is_problem = answer.headers.get("content-type") == "application/problem+json"
                text += " with Retry-After" if is_problem and int(answer.headers.get("retry-after", 0)) else " alone"
            seen.read[text] += 1
            seen.last_read = text

        with repeatedly(sell, per_second=SALES_PER_SECOND), repeatedly(read, per_second=READS_PER_SECOND):
            yield seen


@dataclass(frozen=True, kw_only=True)
class Found:
    """What became of everything. recovery: seconds from the end of the fault until all was as before."""

    sent: int
    accepted: int
    stored: int
    doubled: int
    forecasts: int
    dead: int
    read: dict[str, int]
    recovery: float


def try_out(platform: Platform, fault: Fault) -> Found:
    dead = dead_letters(platform)
    with traffic(platform) as seen:
        time.sleep(WELL_SECONDS)
        with failing(fault):
            night = datetime.now(UTC)
            platform.send_tick("Compute.NightlyRuleName", "Compute.ForecastQueueUrl")
            time.sleep(fault.seconds)
        began = time.monotonic()
        accepted = set(seen.accepted)

        def well() -> bool | None:
            done = accepted <= stored(platform, accepted).keys() and len(forecasts(platform, night)) == len(RESTAURANTS)
            return (done and seen.last_read == str(HTTPStatus.OK.value)) or None

        wait_until(f"everything as before after {fault}", lambda: patiently(well), seconds=RECOVERY_SECONDS)
        recovery = round(time.monotonic() - began, 1)
    accepted = set(seen.accepted)
    wait_until(
        "every accepted sale in PostgreSQL",
        lambda: accepted <= stored(platform, accepted).keys() or None,
        seconds=RECOVERY_SECONDS,
    )
    rows = stored(platform, accepted)
    return Found(
        sent=seen.sent,
        accepted=len(seen.accepted),
        stored=len(rows),
        doubled=rows.total() - len(rows),
        forecasts=len(forecasts(platform, night)),
        dead=dead_letters(platform) - dead,
        read=dict(seen.read),
        recovery=recovery,
    )


def patiently(read: Callable[[], bool | None]) -> bool | None:
    """PostgreSQL itself may be what is not back yet."""
    try:
        return read()
    except psycopg.OperationalError:
        return None


def stored(platform: Platform, order_ids: set[str]) -> Counter[str]:
    with platform.tenant(AURORA.restaurant_id) as connection:
        rows = connection.execute(
            "SELECT provider_order_id FROM transactions WHERE provider_order_id = ANY(%s)", [list(order_ids)]
        )
        return Counter(order_id for (order_id,) in rows)


def forecasts(platform: Platform, since: datetime) -> list[str]:
    """The restaurants whose night is done."""
    done = []
    for restaurant in RESTAURANTS:
        with platform.tenant(restaurant.restaurant_id) as connection:
            query = "SELECT 1 FROM forecast_runs WHERE business_date = %s AND finished_at >= %s"
            if connection.execute(query, [since.date(), since]).fetchone():
                done.append(restaurant.name)
    return done


def dead_letters(platform: Platform) -> int:
    return sum(
        int(
            platform.sqs.get_queue_attributes(
                QueueUrl=platform.outputs[output], AttributeNames=["ApproximateNumberOfMessages"]
            )["Attributes"]["ApproximateNumberOfMessages"]
        )
        for output in DEAD_LETTERS
    )


@pytest.fixture(scope="module")
def record() -> Iterator[dict[str, object]]:
    """Rows of the page, by fault."""
    rows: dict[str, object] = {}
    yield rows
    if os.environ.get("RECORD_FAULTS"):
        keep_rows(RECORD, rows, names=map(str, FAULTS))


@pytest.mark.parametrize(
    "fault",
    [pytest.param(fault, marks=() if str(fault) == SAMPLE else pytest.mark.long) for fault in FAULTS],
    ids=str,
)
def test_what_was_accepted_while_something_failed_is_stored_once_and_readers_are_told_to_come_again(
    flux: Flux, record: dict[str, object], fault: Fault, show: Callable[[str], None]
) -> None:
    found = try_out(flux.platform, fault)
    show(f"{fault}: {found}")
    record[str(fault)] = {"what": fault.what, "way": fault.way, **asdict(found)}
    assert found.accepted > 0
    assert (found.stored, found.doubled, found.dead) == (found.accepted, 0, 0)
    assert found.forecasts == len(RESTAURANTS)
    assert found.read.keys() <= {"200", "503 with Retry-After"}
