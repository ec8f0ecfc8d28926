"""How Alembic runs the revisions: on the connection it is given, or as SQL for the linter.

Each revision is one transaction. Only on an empty database, where nobody waits for locks, all of them together are one,
so that a failure leaves it empty.
"""

from alembic import context

if context.is_offline_mode():
    context.configure(dialect_name="postgresql", transaction_per_migration=True)
else:
    attributes = context.config.attributes
    context.configure(
        connection=attributes["connection"], transaction_per_migration=not attributes.get("one_transaction", False)
    )
with context.begin_transaction():
    context.run_migrations()
