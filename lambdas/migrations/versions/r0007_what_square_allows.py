"""Takes away two rules that Square's sellers break: money is never negative, and a merchant is one restaurant.

An exchange may pay back more than it takes, so its total is negative. A merchant may have many locations, and each may
be a restaurant of its own. The release before reads negative totals like others, and asks Square by location.
"""

from alembic import op

from migrations.phases import Contract, refuse

revision = "0007"
down_revision = "0006"
contracts = Contract(
    stopped_using="767d9a1e2a3ef46ed4c887623abb681b8f0eb258",
    columns=("transactions.total_minor", "transaction_items.total_minor", "pos_connections.merchant_id"),
)


def upgrade() -> None:
    """Drop the rules; a location still belongs to one restaurant only (pos_locations)."""
    op.execute("ALTER TABLE transactions DROP CONSTRAINT transactions_total_minor_check")
    op.execute("ALTER TABLE transaction_items DROP CONSTRAINT transaction_items_total_minor_check")
    op.execute("ALTER TABLE pos_connections DROP CONSTRAINT pos_connections_provider_merchant_id_key")


def downgrade() -> None:
    """Refuse: rows that break the old rules may be there."""
    refuse("exchanges with negative totals and second restaurants of a merchant may be stored")
