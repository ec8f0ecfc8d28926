"""A restaurant's owner invites its people, gives them roles, and lets them go."""

from alembic import op

revision = "0014"
down_revision = "0013"


def upgrade() -> None:
    """Let the functions' role write what an owner may change; row-level security keeps it to the owner's restaurant."""
    op.execute("""
        GRANT INSERT (restaurant_id, email, password_hash, role), UPDATE (role, active) ON users TO flux_app;
        GRANT INSERT, UPDATE ON password_links TO flux_app;
    """)


def downgrade() -> None:
    """Take that away again: teams stay as they are."""
    op.execute("""
        REVOKE INSERT, UPDATE ON password_links FROM flux_app;
        REVOKE INSERT (restaurant_id, email, password_hash, role), UPDATE (role, active) ON users FROM flux_app;
    """)
