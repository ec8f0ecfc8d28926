"""How many connections have not been synced for long, asked without a tenant: as the lookups of revision 0004."""

from alembic import op

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    """Add a function that the release before does not call."""
    op.execute("""
        GRANT SELECT (last_synced_at, created_at) ON pos_connections TO flux_lookup;
        CREATE FUNCTION count_silent_connections(longest interval) RETURNS bigint
        LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
            SELECT count(*)
            FROM public.pos_connections c JOIN public.restaurants r ON r.id = c.restaurant_id
            WHERE c.active AND r.active AND coalesce(c.last_synced_at, c.created_at) < now() - longest
        $$;
        REVOKE ALL ON FUNCTION count_silent_connections(interval) FROM PUBLIC;
        GRANT EXECUTE ON FUNCTION count_silent_connections(interval) TO flux_app;
        GRANT CREATE ON SCHEMA public TO flux_lookup;
        ALTER FUNCTION count_silent_connections(interval) OWNER TO flux_lookup;
        REVOKE CREATE ON SCHEMA public FROM flux_lookup;
    """)


def downgrade() -> None:
    """Take it away."""
    op.execute("DROP FUNCTION count_silent_connections(interval)")
    op.execute("REVOKE SELECT (last_synced_at, created_at) ON pos_connections FROM flux_lookup")
