"""What a connection's worker knows of Square: how old its token is, when Square may be asked, and whether we still may.

All of it is NULL in rows of releases that did not ask.
"""

from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    """Add columns that the release before does not mind."""
    op.execute("""
        ALTER TABLE pos_connections
            -- When the provider last gave a new access token, and until when it is good.
            ADD COLUMN token_refreshed_at timestamptz,
            ADD COLUMN token_expires_at timestamptz,
            -- The provider is not asked before this: it said so, or has just failed.
            ADD COLUMN paused_until timestamptz,
            -- Since when the provider refuses us: the owner withdrew our access. The connection is not active then.
            ADD COLUMN revoked_at timestamptz;
        GRANT UPDATE (active, token_refreshed_at, token_expires_at, paused_until, revoked_at)
            ON pos_connections TO flux_app;
    """)


def downgrade() -> None:
    """Take away what was added. Connections whose access was withdrawn stay inactive."""
    op.execute("REVOKE UPDATE (active) ON pos_connections FROM flux_app")
    op.execute("""
        ALTER TABLE pos_connections
            DROP COLUMN revoked_at, DROP COLUMN paused_until,
            DROP COLUMN token_expires_at, DROP COLUMN token_refreshed_at
    """)
