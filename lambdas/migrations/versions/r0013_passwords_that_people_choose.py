"""Passwords that people choose: their own, and anew by a link that works once.

The look-up is made as those of revision 0004: who opens a link is nobody yet.
"""

from alembic import op

revision = "0013"
down_revision = "0012"


def upgrade() -> None:
    """Add a table and a function that the release before does not know, and let users' passwords be replaced."""
    op.execute("GRANT UPDATE (password_hash) ON users TO flux_app")
    op.execute("""
        -- At most one for each user; the newest. Whoever uses it deletes it.
        CREATE TABLE password_links (
            restaurant_id uuid NOT NULL,
            user_id uuid NOT NULL,
            -- SHA-256 of the 256 random bits in the link, which nobody but its bearer has.
            token_hash bytea NOT NULL UNIQUE CHECK (length(token_hash) = 32),
            expires_at timestamptz NOT NULL,
            created_at timestamptz NOT NULL DEFAULT now(),
            PRIMARY KEY (restaurant_id, user_id),
            FOREIGN KEY (restaurant_id, user_id) REFERENCES users (restaurant_id, id) ON DELETE CASCADE
        );
        ALTER TABLE password_links ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
        CREATE POLICY tenant ON password_links
            USING (restaurant_id = NULLIF(current_setting('app.restaurant_id', true), '')::uuid)
            WITH CHECK (restaurant_id = NULLIF(current_setting('app.restaurant_id', true), '')::uuid);
        GRANT SELECT, DELETE ON password_links TO flux_app;
    """)
    op.execute("""
        GRANT SELECT (restaurant_id, user_id, token_hash, expires_at) ON password_links TO flux_lookup;
        CREATE POLICY lookup ON password_links FOR SELECT TO flux_lookup USING (true);
        CREATE FUNCTION find_password_link(wanted_hash bytea)
        RETURNS TABLE (id uuid, restaurant_id uuid, email text)
        LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
            SELECT u.id, u.restaurant_id, u.email
            FROM public.password_links l
            JOIN public.users u ON u.restaurant_id = l.restaurant_id AND u.id = l.user_id
            JOIN public.restaurants r ON r.id = u.restaurant_id
            WHERE l.token_hash = wanted_hash AND l.expires_at > now() AND u.active AND r.active
        $$;
        REVOKE ALL ON FUNCTION find_password_link(bytea) FROM PUBLIC;
        GRANT EXECUTE ON FUNCTION find_password_link(bytea) TO flux_app;
        GRANT CREATE ON SCHEMA public TO flux_lookup;
        ALTER FUNCTION find_password_link(bytea) OWNER TO flux_lookup;
        REVOKE CREATE ON SCHEMA public FROM flux_lookup;
    """)


def downgrade() -> None:
    """Take them away: links stop working, passwords stay as they are."""
    op.execute("DROP FUNCTION find_password_link(bytea)")
    op.execute("DROP TABLE password_links")
    op.execute("REVOKE UPDATE (password_hash) ON users FROM flux_app")
