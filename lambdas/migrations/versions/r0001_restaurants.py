"""Restaurants, their users, and their connections to point-of-sale systems.

A restaurant is the tenant. Every table that belongs to one leads its keys with `restaurant_id`, references others by
both columns, and is closed by row-level security, FORCEd so that it holds for the tables' owner too. The tenant is the
transaction's `app.restaurant_id`; after a transaction PostgreSQL leaves it '', hence the NULLIF.
"""

from alembic import op

from migrations.phases import refuse

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Create the tables."""
    op.execute("""
        CREATE TABLE restaurants (
            id uuid PRIMARY KEY DEFAULT uuidv7(),
            name text NOT NULL CHECK (length(name) BETWEEN 1 AND 200),
            -- An IANA name; an unknown one makes the expression fail.
            timezone text NOT NULL CHECK (timezone(timezone, 'epoch'::timestamptz) IS NOT NULL),
            active boolean NOT NULL DEFAULT true,
            created_at timestamptz NOT NULL DEFAULT now()
        );
        ALTER TABLE restaurants ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
        CREATE POLICY tenant ON restaurants
            USING (id = NULLIF(current_setting('app.restaurant_id', true), '')::uuid)
            WITH CHECK (id = NULLIF(current_setting('app.restaurant_id', true), '')::uuid);
        GRANT SELECT ON restaurants TO flux_app;
    """)
    op.execute("""
        CREATE TABLE users (
            id uuid NOT NULL DEFAULT uuidv7(),
            restaurant_id uuid NOT NULL REFERENCES restaurants (id),
            -- People sign in by address alone, so it is unique over all restaurants.
            email text NOT NULL UNIQUE CHECK (email = lower(email) AND length(email) BETWEEN 3 AND 254),
            password_hash text NOT NULL CHECK (password_hash LIKE '$argon2id$%'),
            role text NOT NULL CHECK (role IN ('owner', 'manager', 'chef')),
            active boolean NOT NULL DEFAULT true,
            created_at timestamptz NOT NULL DEFAULT now(),
            PRIMARY KEY (restaurant_id, id)
        );
        ALTER TABLE users ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
        CREATE POLICY tenant ON users
            USING (restaurant_id = NULLIF(current_setting('app.restaurant_id', true), '')::uuid)
            WITH CHECK (restaurant_id = NULLIF(current_setting('app.restaurant_id', true), '')::uuid);
        -- Not password_hash: it leaves the table only through the look-up for signing in.
        GRANT SELECT (id, restaurant_id, email, role, active, created_at) ON users TO flux_app;
    """)
    op.execute("""
        CREATE TABLE pos_connections (
            id uuid NOT NULL UNIQUE DEFAULT uuidv7(),
            restaurant_id uuid NOT NULL REFERENCES restaurants (id),
            provider text NOT NULL CHECK (provider = 'square'),
            merchant_id text NOT NULL CHECK (length(merchant_id) BETWEEN 1 AND 255),
            -- Square searches orders by location, ten at the most in one request.
            location_ids text[] NOT NULL CHECK (cardinality(location_ids) BETWEEN 1 AND 10),
            active boolean NOT NULL DEFAULT true,
            -- OAuth tokens, encrypted by KMS under the encryption context {"restaurant_id": ...}.
            access_token bytea NOT NULL,
            refresh_token bytea NOT NULL,
            -- All orders that the provider updated before this are stored; NULL until the first are.
            last_synced_at timestamptz,
            created_at timestamptz NOT NULL DEFAULT now(),
            PRIMARY KEY (restaurant_id, id),
            -- A webhook names the merchant alone.
            UNIQUE (provider, merchant_id)
        );
        ALTER TABLE pos_connections ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
        CREATE POLICY tenant ON pos_connections
            USING (restaurant_id = NULLIF(current_setting('app.restaurant_id', true), '')::uuid)
            WITH CHECK (restaurant_id = NULLIF(current_setting('app.restaurant_id', true), '')::uuid);
        GRANT SELECT, UPDATE (access_token, refresh_token, last_synced_at) ON pos_connections TO flux_app;
    """)


def downgrade() -> None:
    """Refuse: this is one of the revisions that made the first tables."""
    refuse("a downgrade would delete restaurants' data")
