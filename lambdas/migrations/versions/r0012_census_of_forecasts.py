"""How many restaurants have the night's forecasts, asked without a tenant: as the lookups of revision 0004."""

from alembic import op

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    """Add a function that the release before does not call."""
    op.execute("""
        GRANT SELECT (created_at) ON restaurants TO flux_lookup;
        GRANT SELECT (restaurant_id, business_date, finished_at) ON forecast_runs TO flux_lookup;
        CREATE POLICY lookup ON forecast_runs FOR SELECT TO flux_lookup USING (true);
        CREATE FUNCTION count_forecasts(wanted_date date, finished_by timestamptz)
        RETURNS TABLE (active bigint, forecast bigint)
        LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
            SELECT count(*), count(f.finished_at) FILTER (WHERE f.finished_at <= finished_by)
            FROM public.restaurants r
            LEFT JOIN public.forecast_runs f ON f.restaurant_id = r.id AND f.business_date = wanted_date
            -- One that was opened on that day has had no night, but perhaps a run all the same.
            WHERE r.active AND (r.created_at < wanted_date::timestamp AT TIME ZONE 'UTC' OR f.finished_at IS NOT NULL)
        $$;
        REVOKE ALL ON FUNCTION count_forecasts(date, timestamptz) FROM PUBLIC;
        GRANT EXECUTE ON FUNCTION count_forecasts(date, timestamptz) TO flux_app;
        GRANT CREATE ON SCHEMA public TO flux_lookup;
        ALTER FUNCTION count_forecasts(date, timestamptz) OWNER TO flux_lookup;
        REVOKE CREATE ON SCHEMA public FROM flux_lookup;
    """)


def downgrade() -> None:
    """Take it away."""
    op.execute("DROP FUNCTION count_forecasts(date, timestamptz)")
    op.execute("DROP POLICY lookup ON forecast_runs")
    op.execute("REVOKE SELECT (restaurant_id, business_date, finished_at) ON forecast_runs FROM flux_lookup")
    op.execute("REVOKE SELECT (created_at) ON restaurants FROM flux_lookup")
