"""The tenant: every query runs for one restaurant, and PostgreSQL's row-level security holds it to that."""

from typing import NewType
from uuid import UUID

RestaurantId = NewType("RestaurantId", UUID)

# `true` makes it last for one transaction only: a pooled or reused connection never carries a tenant over.
SET_TENANT = "SELECT set_config('app.restaurant_id', %(restaurant_id)s::text, true)"
