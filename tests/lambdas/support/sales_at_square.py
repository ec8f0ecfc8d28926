"""Sales as Square keeps them, the messages about them, and what becomes of them."""

import datetime as dt
import uuid

from local.square import Record
from sync import handler as sync

from .lambda_events import Context, failed, sqs_event
from .platform import Platform
from .restaurants import Restaurant

NOON = "2026-11-20T17:00:00.000Z"


def order(restaurant: Restaurant, order_id: str | None = None) -> Record:
    return {
        "id": order_id or f"order-{uuid.uuid4().hex}",
        "location_id": restaurant.location_id,
        "state": "COMPLETED",
        "version": 2,
        "created_at": NOON,
        "updated_at": NOON,
        "closed_at": NOON,
        "total_money": {"amount": 2_150, "currency": "USD"},
        "line_items": [
            {
                "uid": "a",
                "catalog_object_id": "SOUP",
                "name": "Soup",
                "variation_name": "Large",
                "quantity": "2",
                "total_money": {"amount": 1_600, "currency": "USD"},
            },
            {"uid": "b", "quantity": "0.275", "total_money": {"amount": 550, "currency": "USD"}},
        ],
    }


def event(restaurant: Restaurant, record: Record) -> dict[str, object]:
    return {
        "type": "square.event",
        "event": {
            "merchant_id": restaurant.merchant_id,
            "type": "order.updated",
            "event_id": str(uuid.uuid4()),
            "data": {"type": "order", "id": record["id"], "object": {"order_updated": {"order_id": record["id"]}}},
        },
    }


def ring_up(platform: Platform, restaurant: Restaurant, *records: Record) -> None:
    platform.square.put_orders(restaurant.merchant_id, {"orders": list(records)})


def take(*bodies: object) -> list[str]:
    return failed(sync.handler(sqs_event(*bodies), Context()))


def sales(platform: Platform, restaurant: Restaurant) -> list[tuple[object, ...]]:
    with platform.tenant(restaurant.id) as cursor:
        return cursor.execute(
            "SELECT provider_order_id, version, state, total_minor, currency FROM transactions ORDER BY 1"
        ).fetchall()


def lines(platform: Platform, restaurant: Restaurant) -> list[tuple[object, ...]]:
    with platform.tenant(restaurant.id) as cursor:
        return cursor.execute(
            "SELECT line, item.provider_item_id, line.name, quantity, total_minor FROM transaction_items line"
            " LEFT JOIN menu_items item ON item.id = line.menu_item_id ORDER BY line.transaction_id, line"
        ).fetchall()


def last_synced(platform: Platform, restaurant: Restaurant) -> dt.datetime | None:
    with platform.tenant(restaurant.id) as cursor:
        row = cursor.execute("SELECT last_synced_at FROM pos_connections").fetchone()
        assert row is not None
        moment: dt.datetime | None = row[0]
        return moment
