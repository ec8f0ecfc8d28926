"""Sales that are in the database already."""

import datetime as dt
import uuid

from .platform import Platform
from .restaurants import Restaurant


def record_sale(
    platform: Platform, restaurant: Restaurant, at: dt.datetime, *, dish: str = "Soup", quantity: int = 1
) -> uuid.UUID:
    """One sale of one dish; returns the dish's id."""
    with platform.tenant(restaurant.id) as cursor:
        item = cursor.execute(
            "INSERT INTO menu_items (restaurant_id, provider, provider_item_id, name) VALUES (%s, 'square', %s, %s)"
            " ON CONFLICT (restaurant_id, provider, provider_item_id) DO UPDATE SET name = excluded.name RETURNING id",
            [restaurant.id, dish, dish],
        ).fetchone()
        sale = cursor.execute(
            "INSERT INTO transactions"
            " (restaurant_id, provider, provider_order_id, version, state, sold_at, total_minor, currency)"
            " VALUES (%s, 'square', %s, 1, 'completed', %s, %s, 'USD') RETURNING id",
            [restaurant.id, uuid.uuid4().hex, at, 800 * quantity],
        ).fetchone()
        assert item is not None
        assert sale is not None
        cursor.execute(
            "INSERT INTO transaction_items VALUES (%s, %s, 1, %s, %s, %s, %s)",
            [restaurant.id, sale[0], item[0], dish, quantity, 800 * quantity],
        )
        dish_id: uuid.UUID = item[0]
        return dish_id
