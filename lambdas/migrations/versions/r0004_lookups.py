"""The questions that must be answered before a tenant is known.

Row-level security answers them with nothing, and neither the schema's owner nor RDS's master user may bypass it. So the
functions belong to `flux_lookup`, a role nobody can log in as: a policy shows it all rows, its column grants only what
the answers need, and SECURITY DEFINER lends it to the functions' caller for just these statements. Their search_path is
fixed and every name in them is qualified, so that no caller can put another table in a table's place.
"""

from alembic import op

from migrations.phases import refuse

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Create the role, what it may see, and the functions it owns."""
    op.execute("""
        DO $$
        BEGIN
            -- Roles belong to the server, not to this database.
            IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'flux_lookup') THEN
                CREATE ROLE flux_lookup NOLOGIN;
            END IF;
            -- To hand functions over, one must be able to become their new owner.
            EXECUTE format('GRANT flux_lookup TO %I WITH INHERIT FALSE, SET TRUE', current_user);
        END
        $$;
        GRANT SELECT (id, active) ON restaurants TO flux_lookup;
        GRANT SELECT (id, restaurant_id, email, password_hash, role, active) ON users TO flux_lookup;
        GRANT SELECT (id, restaurant_id, provider, merchant_id, active) ON pos_connections TO flux_lookup;
        CREATE POLICY lookup ON restaurants FOR SELECT TO flux_lookup USING (true);
        CREATE POLICY lookup ON users FOR SELECT TO flux_lookup USING (true);
        CREATE POLICY lookup ON pos_connections FOR SELECT TO flux_lookup USING (true);
    """)
    op.execute("""
        CREATE FUNCTION find_user_for_sign_in(wanted_email text)
        RETURNS TABLE (id uuid, restaurant_id uuid, role text, password_hash text)
        LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
            SELECT u.id, u.restaurant_id, u.role, u.password_hash
            FROM public.users u JOIN public.restaurants r ON r.id = u.restaurant_id
            WHERE u.email = wanted_email AND u.active AND r.active
        $$;

        CREATE FUNCTION find_connection_by_merchant(wanted_provider text, wanted_merchant_id text)
        RETURNS TABLE (id uuid, restaurant_id uuid)
        LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
            SELECT c.id, c.restaurant_id
            FROM public.pos_connections c JOIN public.restaurants r ON r.id = c.restaurant_id
            WHERE c.provider = wanted_provider AND c.merchant_id = wanted_merchant_id AND c.active AND r.active
        $$;

        CREATE FUNCTION find_connection(wanted_id uuid)
        RETURNS TABLE (id uuid, restaurant_id uuid)
        LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
            SELECT c.id, c.restaurant_id
            FROM public.pos_connections c JOIN public.restaurants r ON r.id = c.restaurant_id
            WHERE c.id = wanted_id AND c.active AND r.active
        $$;

        CREATE FUNCTION list_active_connections()
        RETURNS TABLE (id uuid, restaurant_id uuid)
        LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
            SELECT c.id, c.restaurant_id
            FROM public.pos_connections c JOIN public.restaurants r ON r.id = c.restaurant_id
            WHERE c.active AND r.active
        $$;

        CREATE FUNCTION list_active_restaurants()
        RETURNS TABLE (id uuid)
        LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
            SELECT r.id FROM public.restaurants r WHERE r.active
        $$;
    """)
    for function in (
        "find_user_for_sign_in(text)",
        "find_connection_by_merchant(text, text)",
        "find_connection(uuid)",
        "list_active_connections()",
        "list_active_restaurants()",
    ):
        op.execute(f"""
            REVOKE ALL ON FUNCTION {function} FROM PUBLIC;
            GRANT EXECUTE ON FUNCTION {function} TO flux_app;
            GRANT CREATE ON SCHEMA public TO flux_lookup;
            ALTER FUNCTION {function} OWNER TO flux_lookup;
            REVOKE CREATE ON SCHEMA public FROM flux_lookup;
        """)


def downgrade() -> None:
    """Refuse: this is one of the revisions that made the first tables."""
    refuse("sign-in and sync need these functions")
