"""Where a connection's sync goes on that one run did not finish, and that a message to go on is under way.

Both are NULL in rows of releases that do not know them, and while no sync is unfinished.
"""

from alembic import op

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    """Add columns that the release before does not mind."""
    op.execute("""
        ALTER TABLE pos_connections
            -- When the provider updated the last order that the unfinished sync has stored.
            ADD COLUMN sync_reached timestamptz,
            -- The message to go on is on the queue; until then no other run begins.
            ADD COLUMN sync_waits_until timestamptz;
        GRANT UPDATE (sync_reached, sync_waits_until) ON pos_connections TO flux_app;
    """)


def downgrade() -> None:
    """Take them away: an unfinished sync begins again where the last finished one ended."""
    op.execute("ALTER TABLE pos_connections DROP COLUMN sync_waits_until, DROP COLUMN sync_reached")
