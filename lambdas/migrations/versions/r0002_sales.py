"""What restaurants sell: the menu, and the transactions that come from point-of-sale systems.

Money is in minor units (cents) of an ISO 4217 currency.
"""

from alembic import op

from migrations.phases import refuse

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Create the tables."""
    op.execute("""
        CREATE TABLE menu_items (
            id uuid NOT NULL DEFAULT uuidv7(),
            restaurant_id uuid NOT NULL REFERENCES restaurants (id),
            provider text NOT NULL CHECK (provider = 'square'),
            provider_item_id text NOT NULL CHECK (length(provider_item_id) BETWEEN 1 AND 255),
            name text NOT NULL CHECK (length(name) BETWEEN 1 AND 1000),
            created_at timestamptz NOT NULL DEFAULT now(),
            PRIMARY KEY (restaurant_id, id),
            UNIQUE (restaurant_id, provider, provider_item_id)
        );
        ALTER TABLE menu_items ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
        CREATE POLICY tenant ON menu_items
            USING (restaurant_id = NULLIF(current_setting('app.restaurant_id', true), '')::uuid)
            WITH CHECK (restaurant_id = NULLIF(current_setting('app.restaurant_id', true), '')::uuid);
        GRANT SELECT, INSERT, UPDATE (name) ON menu_items TO flux_app;
    """)
    op.execute("""
        CREATE TABLE transactions (
            id uuid NOT NULL DEFAULT uuidv7(),
            restaurant_id uuid NOT NULL REFERENCES restaurants (id),
            provider text NOT NULL CHECK (provider = 'square'),
            provider_order_id text NOT NULL CHECK (length(provider_order_id) BETWEEN 1 AND 255),
            -- The provider's count of changes: an event that arrives late never overwrites a later state.
            version integer NOT NULL CHECK (version >= 0),
            state text NOT NULL CHECK (state IN ('completed', 'canceled')),
            sold_at timestamptz NOT NULL,
            total_minor bigint NOT NULL CHECK (total_minor >= 0),
            currency text NOT NULL CHECK (currency ~ '^[A-Z]{3}$'),
            created_at timestamptz NOT NULL DEFAULT now(),
            PRIMARY KEY (restaurant_id, id),
            UNIQUE (restaurant_id, provider, provider_order_id)
        );
        -- Both the list that people page through and the forecast's ninety days; a canceled order is in neither.
        CREATE INDEX transactions_by_sale ON transactions (restaurant_id, sold_at DESC, id DESC)
            WHERE state = 'completed';
        ALTER TABLE transactions ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
        CREATE POLICY tenant ON transactions
            USING (restaurant_id = NULLIF(current_setting('app.restaurant_id', true), '')::uuid)
            WITH CHECK (restaurant_id = NULLIF(current_setting('app.restaurant_id', true), '')::uuid);
        GRANT SELECT, INSERT, UPDATE (version, state, sold_at, total_minor, currency) ON transactions TO flux_app;
    """)
    op.execute("""
        CREATE TABLE transaction_items (
            restaurant_id uuid NOT NULL,
            transaction_id uuid NOT NULL,
            line smallint NOT NULL CHECK (line >= 1),
            -- NULL for an amount that was typed in at the till, which belongs to nothing on the menu.
            menu_item_id uuid,
            name text NOT NULL CHECK (length(name) BETWEEN 1 AND 1000),
            quantity numeric(12, 5) NOT NULL CHECK (quantity > 0),
            total_minor bigint NOT NULL CHECK (total_minor >= 0),
            PRIMARY KEY (restaurant_id, transaction_id, line),
            FOREIGN KEY (restaurant_id, transaction_id) REFERENCES transactions (restaurant_id, id),
            FOREIGN KEY (restaurant_id, menu_item_id) REFERENCES menu_items (restaurant_id, id)
        );
        ALTER TABLE transaction_items ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
        CREATE POLICY tenant ON transaction_items
            USING (restaurant_id = NULLIF(current_setting('app.restaurant_id', true), '')::uuid)
            WITH CHECK (restaurant_id = NULLIF(current_setting('app.restaurant_id', true), '')::uuid);
        -- A changed order replaces its lines, hence DELETE and no UPDATE.
        GRANT SELECT, INSERT, DELETE ON transaction_items TO flux_app;
    """)


def downgrade() -> None:
    """Refuse: this is one of the revisions that made the first tables."""
    refuse("a downgrade would delete restaurants' sales")
