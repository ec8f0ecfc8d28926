"""The restaurant that releases are rehearsed with: one dish, one sale, one forecast.

It is inactive, has no users and no connection to a point-of-sale system. So the look-ups never find it: nobody can sign
in to it, and neither a schedule nor a webhook reaches it. Row-level security hides it from every other restaurant.
"""

from alembic import op

revision = "0005"
down_revision = "0004"

# The same as flux_core.rehearsal.RESTAURANT_ID; written out, because a revision never changes.
_RESTAURANT = "0f1a0000-0000-4000-8000-000000000001"
_DISH = "0f1a0000-0000-4000-8000-000000000002"
_SALE = "0f1a0000-0000-4000-8000-000000000003"


def upgrade() -> None:
    """Insert the rows as their own tenant; the setting ends with the revision's transaction."""
    op.execute(f"SELECT set_config('app.restaurant_id', '{_RESTAURANT}', true)")
    op.execute(f"""
        INSERT INTO restaurants (id, name, timezone, active)
        VALUES ('{_RESTAURANT}', 'Release rehearsal', 'UTC', false);

        INSERT INTO menu_items (id, restaurant_id, provider, provider_item_id, name)
        VALUES ('{_DISH}', '{_RESTAURANT}', 'square', 'REHEARSAL', 'Rehearsal soup');

        INSERT INTO transactions
            (id, restaurant_id, provider, provider_order_id, version, state, sold_at, total_minor, currency)
        VALUES ('{_SALE}', '{_RESTAURANT}', 'square', 'rehearsal', 1, 'completed', '2020-01-01T12:00Z', 800, 'USD');

        INSERT INTO transaction_items (restaurant_id, transaction_id, line, menu_item_id, name, quantity, total_minor)
        VALUES ('{_RESTAURANT}', '{_SALE}', 1, '{_DISH}', 'Rehearsal soup', 1, 800);

        INSERT INTO forecast_runs (restaurant_id, business_date, model_version)
        VALUES ('{_RESTAURANT}', '2020-01-02', 'rehearsal');

        INSERT INTO forecasts (restaurant_id, date, menu_item_id, business_date, quantity, lower, upper, drivers)
        VALUES ('{_RESTAURANT}', '2020-01-02', '{_DISH}', '2020-01-02', 1, 0, 2, '{{"weekday": 1}}');
    """)  # noqa: S608 - three constants of this file
    op.execute("SELECT set_config('app.restaurant_id', '', true)")


def downgrade() -> None:
    """Delete the restaurant, rows that refer to others first. The gate of a release that rehearses then stops it."""
    op.execute(f"SELECT set_config('app.restaurant_id', '{_RESTAURANT}', true)")
    for table in ("forecasts", "forecast_runs", "transaction_items", "transactions", "menu_items"):
        op.execute(f"DELETE FROM {table} WHERE restaurant_id = '{_RESTAURANT}'")  # noqa: S608 - constants of this file
    op.execute(f"DELETE FROM restaurants WHERE id = '{_RESTAURANT}'")  # noqa: S608 - a constant of this file
    op.execute("SELECT set_config('app.restaurant_id', '', true)")
