"""A connection to PostgreSQL that does not wait for ever.

`statement_timeout` is the server's own: one that is stopped, or behind a network that swallows packets, ends nothing.
TCP's limits (logins.py) end a connection whose packets nobody acknowledges; the kernel of a stopped server still does.
So the client watches the clock itself.
"""

import math
import time
from collections.abc import Callable
from typing import override

import psycopg
from psycopg.abc import RV, PQGen
from psycopg.rows import TupleRow


class DatabaseSilentError(psycopg.OperationalError):
    """PostgreSQL did not answer in time; what was asked of it may have happened or not."""


class BoundedConnection(psycopg.Connection[TupleRow]):
    """Ends itself when an answer does not come in time.

    Attributes:
        exchange_seconds: how long one question may wait for its answer.
        deadline: when waiting ends, whatever is being waited for; by `clock`.
    """

    exchange_seconds: float = math.inf
    deadline: float = math.inf
    clock: Callable[[], float] = staticmethod(time.monotonic)

    @override
    def wait(self, gen: PQGen[RV], interval: float = 0.1, timeout: float | None = None) -> RV:
        """All that psycopg asks of the server goes through here.

        Raises:
            DatabaseSilentError: the answer did not come in time; the connection is closed.
        """
        now = self.clock()
        seconds = max(0.0, min(self.exchange_seconds, self.deadline - now, math.inf if timeout is None else timeout))
        try:
            return super().wait(gen, interval, None if seconds == math.inf else seconds)
        except psycopg.OperationalError as error:
            if self.clock() - now < seconds or self.closed:
                raise
            self.pgconn.finish()  # its answer may still come, and would be taken for another question's
            raise DatabaseSilentError(f"PostgreSQL has not answered within {seconds:.0f} s") from error
