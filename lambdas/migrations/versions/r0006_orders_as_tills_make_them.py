"""What orders rung up at a till need: when each changed, what it returns, on which business day and where it counts.

A till's orders have no version number, so the provider's time of change decides which of two states is the newer one.
"""

from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """Add columns that the release before does not mind, and the one definition of a business day."""
    op.execute("""
        -- A business day begins at this time of the restaurant's clock and ends there a day later: what is paid at
        -- 00:30 in a place that closes at 02:00 belongs to the evening before.
        ALTER TABLE restaurants ADD COLUMN close_of_day time NOT NULL DEFAULT '00:00'
            CHECK (close_of_day < '24:00');
    """)
    op.execute("""
        ALTER TABLE transactions
            -- When the provider last changed the order; NULL in rows of releases that did not ask.
            ADD COLUMN provider_updated_at timestamptz,
            -- What the order takes back; NULL when it takes nothing back:
            -- [{"source_order_id": text or null, "items": [{"source_line_id": text or null,
            --   "provider_item_id": text or null, "name": text, "quantity": number, "total_minor": number}, ...]}, ...]
            ADD COLUMN returns jsonb;
        GRANT UPDATE (provider_updated_at, returns) ON transactions TO flux_app;
    """)
    # The line's id within its order at the provider: a return names it.
    op.execute("ALTER TABLE transaction_items ADD COLUMN provider_line_id text")
    op.execute("""
        -- By instants, not by subtracting hours from local time: at a change of the clocks every instant still belongs
        -- to exactly one day, and days follow one another.
        CREATE FUNCTION business_day(moment timestamptz, zone text, close_of_day time) RETURNS date
        LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS $$
            SELECT max(day)
            FROM (
                SELECT ((moment AT TIME ZONE zone) - close_of_day)::date + shift AS day
                FROM generate_series(-1, 1) AS shift
            ) AS candidates
            WHERE (day + close_of_day) AT TIME ZONE zone <= moment
        $$;
        REVOKE ALL ON FUNCTION business_day(timestamptz, text, time) FROM PUBLIC;
        GRANT EXECUTE ON FUNCTION business_day(timestamptz, text, time) TO flux_app;
    """)
    op.execute("""
        -- Which restaurant each location of a merchant is. The primary key holds across restaurants, whose rows nobody
        -- else sees: no location is two kitchens. A trigger keeps it, so that pos_connections stays the one to write.
        CREATE TABLE pos_locations (
            restaurant_id uuid NOT NULL,
            connection_id uuid NOT NULL,
            provider text NOT NULL,
            location_id text NOT NULL,
            PRIMARY KEY (provider, location_id),
            FOREIGN KEY (restaurant_id, connection_id) REFERENCES pos_connections (restaurant_id, id) ON DELETE CASCADE
        );
        CREATE INDEX pos_locations_by_connection ON pos_locations (restaurant_id, connection_id);
        ALTER TABLE pos_locations ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
        CREATE POLICY tenant ON pos_locations
            USING (restaurant_id = NULLIF(current_setting('app.restaurant_id', true), '')::uuid)
            WITH CHECK (restaurant_id = NULLIF(current_setting('app.restaurant_id', true), '')::uuid);
        GRANT SELECT ON pos_locations TO flux_app;
    """)
    op.execute("""
        CREATE FUNCTION keep_pos_locations() RETURNS trigger
        LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
        BEGIN
            DELETE FROM public.pos_locations WHERE restaurant_id = NEW.restaurant_id AND connection_id = NEW.id;
            INSERT INTO public.pos_locations (restaurant_id, connection_id, provider, location_id)
            SELECT DISTINCT NEW.restaurant_id, NEW.id, NEW.provider, location_id
            FROM unnest(NEW.location_ids) AS location_id;
            RETURN NULL;
        END
        $$;
        REVOKE ALL ON FUNCTION keep_pos_locations() FROM PUBLIC;
        CREATE TRIGGER keep_pos_locations AFTER INSERT OR UPDATE OF provider, location_ids ON pos_connections
            FOR EACH ROW EXECUTE FUNCTION keep_pos_locations();
    """)
    # Row-level security shows the owner no restaurant's rows, unless it is not forced for a moment, under a lock that
    # ends with this transaction.
    op.execute("""
        ALTER TABLE pos_connections NO FORCE ROW LEVEL SECURITY;
        ALTER TABLE pos_locations NO FORCE ROW LEVEL SECURITY;
        INSERT INTO pos_locations (restaurant_id, connection_id, provider, location_id)
        SELECT DISTINCT restaurant_id, id, provider, location_id
        FROM pos_connections, unnest(location_ids) AS location_id;
        ALTER TABLE pos_locations FORCE ROW LEVEL SECURITY;
        ALTER TABLE pos_connections FORCE ROW LEVEL SECURITY;
    """)


def downgrade() -> None:
    """Take away what was added. Returns count as sales of nothing again, and every day ends at midnight."""
    op.execute("DROP TRIGGER keep_pos_locations ON pos_connections")
    op.execute("DROP FUNCTION keep_pos_locations()")
    op.execute("DROP TABLE pos_locations")
    op.execute("DROP FUNCTION business_day(timestamptz, text, time)")
    op.execute("ALTER TABLE transaction_items DROP COLUMN provider_line_id")
    op.execute("ALTER TABLE transactions DROP COLUMN returns, DROP COLUMN provider_updated_at")
    op.execute("ALTER TABLE restaurants DROP COLUMN close_of_day")
