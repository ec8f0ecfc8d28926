"""A second restaurant that releases are rehearsed with, and enough to ask both for: two weeks of sales, two runs.

With one restaurant nobody sees that an answer belongs to another; with one sale nobody turns a page. What each of them
must answer, the release gate knows (release_gate/tenants.py). Both are inactive, like the first of revision 0005.
"""

from alembic import op

revision = "0009"
down_revision = "0008"

_FIRST = "0f1a0000-0000-4000-8000-000000000001"
_SECOND = "0f1a0000-0000-4000-8000-000000000011"

# Of each restaurant: the soup and the bread, whose ids follow its own.
_SOUP, _BREAD = (
    ("0f1a0000-0000-4000-8000-000000000002", "0f1a0000-0000-4000-8000-000000000012"),
    (
        "0f1a0000-0000-4000-8000-000000000004",
        "0f1a0000-0000-4000-8000-000000000014",
    ),
)


def upgrade() -> None:
    """Insert the rows, each restaurant's as its own; the setting ends with the revision's transaction."""
    _become(_SECOND)
    op.execute(f"""
        INSERT INTO restaurants (id, name, timezone, active)
        VALUES ('{_SECOND}', 'Second release rehearsal', 'America/Los_Angeles', false);

        INSERT INTO menu_items (id, restaurant_id, provider, provider_item_id, name)
        VALUES ('{_SOUP[1]}', '{_SECOND}', 'square', 'SECOND-SOUP', 'Second soup'),
               ('{_BREAD[1]}', '{_SECOND}', 'square', 'SECOND-BREAD', 'Second bread');
    """)  # noqa: S608 - constants of this file
    _fill(_SECOND, "second", dishes=(_SOUP[1], _BREAD[1]), sold=(20, 6), prices=(900, 300), currency="JPY", at="07:30")
    _forecast(_SECOND, dishes=(_SOUP[1], _BREAD[1]), bases=(200, 300))
    _connect(_SECOND, connection="0f1a0000-0000-4000-8000-000000000019", name="SECOND", synced="2020-01-07")

    _become(_FIRST)
    op.execute(f"""
        INSERT INTO menu_items (id, restaurant_id, provider, provider_item_id, name)
        VALUES ('{_BREAD[0]}', '{_FIRST}', 'square', 'REHEARSAL-BREAD', 'Rehearsal bread');
    """)  # noqa: S608 - constants of this file
    _fill(
        _FIRST, "rehearsal", dishes=(_SOUP[0], _BREAD[0]), sold=(10, 4), prices=(800, 250), currency="USD", at="18:00"
    )
    _forecast(_FIRST, dishes=(_SOUP[0], _BREAD[0]), bases=(10, 100))
    _connect(_FIRST, connection="0f1a0000-0000-4000-8000-000000000009", name="REHEARSAL", synced="2020-01-08")
    op.execute("SELECT set_config('app.restaurant_id', '', true)")


def downgrade() -> None:
    """Delete what was added, rows that refer to others first."""
    for restaurant in (_FIRST, _SECOND):
        _become(restaurant)
        op.execute(f"""
            DELETE FROM pos_connections WHERE restaurant_id = '{restaurant}';
            DELETE FROM forecasts WHERE restaurant_id = '{restaurant}' AND business_date > '2020-01-02';
            DELETE FROM forecast_runs WHERE restaurant_id = '{restaurant}' AND business_date > '2020-01-02';
            DELETE FROM transaction_items WHERE restaurant_id = '{restaurant}' AND transaction_id IN (
                SELECT id FROM transactions WHERE provider_order_id <> 'rehearsal'
            );
            DELETE FROM transactions WHERE restaurant_id = '{restaurant}' AND provider_order_id <> 'rehearsal';
            DELETE FROM menu_items WHERE restaurant_id = '{restaurant}' AND provider_item_id <> 'REHEARSAL';
            DELETE FROM restaurants WHERE id = '{restaurant}' AND name = 'Second release rehearsal';
        """)  # noqa: S608 - constants of this file
    op.execute("SELECT set_config('app.restaurant_id', '', true)")


def _become(restaurant: str) -> None:
    op.execute(f"SELECT set_config('app.restaurant_id', '{restaurant}', true)")


def _fill(  # noqa: PLR0913 - constants of this file
    restaurant: str,
    name: str,
    *,
    dishes: tuple[str, str],
    sold: tuple[int, int],
    prices: tuple[int, int],
    currency: str,
    at: str,
) -> None:
    """One sale on each of fourteen days, of the same two lines."""
    soup, bread = (quantity * price for quantity, price in zip(sold, prices, strict=True))
    op.execute(f"""
        INSERT INTO transactions
            (restaurant_id, provider, provider_order_id, version, state, sold_at, total_minor, currency)
        SELECT '{restaurant}', 'square', '{name}-' || to_char(day, 'YYYYMMDD'), 1, 'completed',
               (day::date + time '{at}') AT TIME ZONE 'UTC', {soup + bread}, '{currency}'
        FROM generate_series(timestamp '2019-12-25', timestamp '2020-01-07', interval '1 day') AS day;

        INSERT INTO transaction_items (restaurant_id, transaction_id, line, menu_item_id, name, quantity, total_minor)
        SELECT sale.restaurant_id, sale.id, line.number, line.dish, item.name, line.quantity, line.total
        FROM transactions sale
        CROSS JOIN (
            VALUES (1, uuid '{dishes[0]}', {sold[0]}, {soup}), (2, uuid '{dishes[1]}', {sold[1]}, {bread})
        ) AS line (number, dish, quantity, total)
        JOIN menu_items item ON item.restaurant_id = sale.restaurant_id AND item.id = line.dish
        WHERE sale.restaurant_id = '{restaurant}' AND sale.provider_order_id LIKE '{name}-%';
    """)  # noqa: S608 - constants of this file


def _forecast(restaurant: str, *, dishes: tuple[str, str], bases: tuple[int, int]) -> None:
    """Two runs of two days each; the day that is in both counts as the newer one says."""
    op.execute(f"""
        INSERT INTO forecast_runs (restaurant_id, business_date, model_version)
        VALUES ('{restaurant}', '2020-01-03', 'rehearsal'), ('{restaurant}', '2020-01-04', 'rehearsal');

        INSERT INTO forecasts (restaurant_id, date, menu_item_id, business_date, quantity, lower, upper, drivers)
        SELECT '{restaurant}', run.date + ahead, dish.id, run.date, quantity, quantity - 1, quantity + 1,
               '{{"weekday": 1}}'
        FROM (VALUES (date '2020-01-03'), (date '2020-01-04')) AS run (date)
        CROSS JOIN generate_series(0, 1) AS ahead
        CROSS JOIN (VALUES (uuid '{dishes[0]}', {bases[0]}), (uuid '{dishes[1]}', {bases[1]})) AS dish (id, base)
        CROSS JOIN LATERAL (SELECT base + 10 * extract(day FROM run.date) + ahead) AS made (quantity);
    """)  # noqa: S608 - constants of this file


def _connect(restaurant: str, *, connection: str, name: str, synced: str) -> None:
    """A connection to a merchant that nobody is, with a token that is never too old."""
    op.execute(f"""
        INSERT INTO pos_connections
            (id, restaurant_id, provider, merchant_id, location_ids, access_token, refresh_token, token_refreshed_at,
             last_synced_at)
        VALUES ('{connection}', '{restaurant}', 'square', '{name}', ARRAY['{name}'], '', '', '2200-01-01',
                '{synced}T00:00Z');
    """)  # noqa: S608 - constants of this file
