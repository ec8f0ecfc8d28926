"""Proofs 1 and 2: sales arrive once, per restaurant; what is forged or broken stays out and alone."""

import json
import secrets
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from http import HTTPStatus

from ..console import StepFailed
from ..platform import Platform, wait_until
from ..square import Record
from ..till import RESTAURANTS, Restaurant, order_event, ring_up, signature

WEBHOOK = "/api/v1/webhooks/square"

# An event is delivered in well under a second here; a queue that was throttled needs a few.
ARRIVAL_SECONDS = 60.0


@dataclass(frozen=True, kw_only=True)
class BadInputKeptOut:
    """What became of bad input.

    forged_status: answer to the event with a forged signature; `forged_rows` is what it left in PostgreSQL.
    poison_in_dead_letters: of one poison message, how many reached the dead-letter queue; `others_there` is
        every other message in it.
    neighbours_stored: of the good events that were sent together with the poison.
    """

    forged_status: int
    forged_rows: int
    poison_in_dead_letters: int
    others_there: int
    neighbours_stored: int


class Provider:
    """Square, as it delivers webhooks through the public address."""

    def __init__(self, platform: Platform) -> None:
        self._platform = platform
        self._subscription = platform.secret("Data.SquareWebhookSecretName")

    def deliver(self, bodies: Iterable[bytes], *, forged: bool = False) -> list[int]:
        """Deliver events in parallel; returns the HTTP statuses in their order."""
        key = secrets.token_urlsafe() if forged else self._subscription["signature_key"]
        url = self._subscription["notification_url"]
        with self._platform.visitor() as visitor, ThreadPoolExecutor(max_workers=8) as pool:
            return list(
                pool.map(
                    lambda body: (
                        visitor.post(
                            WEBHOOK,
                            content=body,
                            headers={
                                "content-type": "application/json",
                                "x-square-hmacsha256-signature": signature(body, key=key, notification_url=url),
                            },
                        ).status_code
                    ),
                    bodies,
                )
            )


def sales_arrive_once(platform: Platform, *, events: int) -> dict[str, tuple[int, int]]:
    """Deliver `events` new sales per restaurant, each twice, and wait until PostgreSQL holds exactly those.

    Returns how many transactions and items appeared there, by restaurant's name.

    Raises:
        StepFailed: an event was refused, or the rows are not exactly the sales.
    """
    run = f"run-{secrets.token_hex(4)}"
    bodies = [
        body
        for restaurant in RESTAURANTS
        for body in _new_sales(restaurant, run, events)
        for _ in ("delivered", "delivered again")
    ]
    refused = [status for status in Provider(platform).deliver(bodies) if status != HTTPStatus.ACCEPTED]
    if refused:
        raise StepFailed(
            f"{len(refused)} of {len(bodies)} signed events were refused, the first with {refused[0]}",
            remedy="read the webhook function's log group /flux/local/webhook",
        )
    for restaurant in RESTAURANTS:
        _await_orders(platform, restaurant, run, events)
    _drained(platform)
    for restaurant in RESTAURANTS:
        expected = {f"{run}-{restaurant.merchant_id}-{number}" for number in range(events)}
        found = _orders(platform, restaurant, run)
        if found != expected:
            raise StepFailed(
                f"{restaurant.name} has orders that it did not sell: {sorted(found - expected)[:3]}",
                remedy="a tenant's rows leaked; look at the sync worker's tenancy",
            )
    return {restaurant.name: _count(platform, restaurant, run) for restaurant in RESTAURANTS}


def bad_input_stays_out(platform: Platform, *, neighbours: int) -> BadInputKeptOut:
    """Deliver a forged event, a stranger's, and a poison message among good ones, and see where each ends."""
    run = f"bad-{secrets.token_hex(4)}"
    restaurant = RESTAURANTS[0]
    provider = Provider(platform)

    forged_orders = _new_sales(restaurant, f"{run}-forged", 1)
    forged_status = provider.deliver(forged_orders, forged=True)[0]

    # Of a merchant that nobody is, as the developer console's test event: it is acknowledged, and no dead letter.
    stranger = order_event("ML-NOBODY", f"{run}-stranger", event_id=f"{run}-stranger")
    # No message of Flux: no retry can ever make it one.
    poison_id = f"{run}-poison"
    good = _new_sales(restaurant, f"{run}-good", neighbours)
    provider.deliver([*good[: neighbours // 2], stranger])
    platform.sqs.send_message(
        QueueUrl=platform.outputs["Compute.PosSyncQueueUrl"],
        MessageBody=json.dumps({"type": "sync.connection", "connection_id": poison_id}),
    )
    provider.deliver(good[neighbours // 2 :])

    dead = wait_until(
        "the poison message in the dead-letter queue",
        lambda: _dead_letters(platform) or None,
        seconds=ARRIVAL_SECONDS,
    )
    _await_orders(platform, restaurant, f"{run}-good", neighbours)
    _drained(platform)
    return BadInputKeptOut(
        forged_status=forged_status,
        forged_rows=len(_orders(platform, restaurant, f"{run}-forged")),
        poison_in_dead_letters=sum(poison_id in body for body in dead),
        others_there=sum(poison_id not in body for body in dead),
        neighbours_stored=len(_orders(platform, restaurant, f"{run}-good")),
    )


def _new_sales(restaurant: Restaurant, run: str, number: int) -> list[bytes]:
    now = datetime.now(UTC)
    orders: list[Record] = [
        restaurant.order(
            f"{run}-{restaurant.merchant_id}-{index}",
            at=now - timedelta(seconds=index),
            sold=dict.fromkeys(restaurant.menu[: 1 + index % 2], 1 + index % 3),
        )
        for index in range(number)
    ]
    ring_up(restaurant, orders)
    return [
        order_event(restaurant.merchant_id, str(order["id"]), event_id=f"{order['id']}-created") for order in orders
    ]


def _await_orders(platform: Platform, restaurant: Restaurant, run: str, number: int) -> None:
    wait_until(
        f"{number} sales of {restaurant.name} in PostgreSQL",
        lambda: len(_orders(platform, restaurant, run)) >= number or None,
        seconds=ARRIVAL_SECONDS,
    )


def _orders(platform: Platform, restaurant: Restaurant, run: str) -> set[str]:
    with platform.tenant(restaurant.restaurant_id) as connection:
        rows = connection.execute(
            "SELECT provider_order_id FROM transactions WHERE starts_with(provider_order_id, %s)", [run]
        )
        return {order_id for (order_id,) in rows}


def _count(platform: Platform, restaurant: Restaurant, run: str) -> tuple[int, int]:
    query = (
        "SELECT count(DISTINCT transactions.id), count(transaction_items.transaction_id) FROM transactions "
        "LEFT JOIN transaction_items ON transactions.id = transaction_id WHERE starts_with(provider_order_id, %s)"
    )
    with platform.tenant(restaurant.restaurant_id) as connection:
        ((transactions, items),) = connection.execute(query, [run]).fetchall()
    return int(transactions), int(items)


def _drained(platform: Platform) -> None:
    wait_until("an empty pos-sync queue", lambda: _depth(platform) == 0 or None, seconds=ARRIVAL_SECONDS)


def _depth(platform: Platform) -> int:
    attributes = platform.sqs.get_queue_attributes(
        QueueUrl=platform.outputs["Compute.PosSyncQueueUrl"],
        AttributeNames=["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"],
    )["Attributes"]
    return sum(int(number) for number in attributes.values())


def _dead_letters(platform: Platform) -> list[str]:
    """Take what is in the dead-letter queue, so that the next run finds it empty."""
    url = platform.outputs["Compute.PosSyncDeadLettersUrl"]
    messages = platform.sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages", [])
    for message in messages:
        platform.sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
    return [message["Body"] for message in messages]
