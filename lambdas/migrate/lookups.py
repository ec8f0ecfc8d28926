"""Questions about all restaurants, which row-level security hides from the schema's owner, too."""

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
from psycopg.rows import TupleRow


@contextmanager
def as_lookup(connection: psycopg.Connection[TupleRow]) -> Iterator[None]:
    """Ask as `flux_lookup`, to whom revision 0004 shows everybody's rows."""
    with connection.transaction():
        connection.execute("SET LOCAL ROLE flux_lookup")
        yield
        connection.execute("RESET ROLE")  # a transaction around this one goes on as the owner
