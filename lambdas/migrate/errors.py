"""Why the schema did not move. The names are part of the function's contract: operators' tools tell them apart."""


class RefusedError(Exception):
    """A move that was refused before anything changed; the message says why and what to do instead."""


class SnapshotError(Exception):
    """There is no snapshot to go back to, so nothing was changed."""


class FailedError(Exception):
    """A revision failed; the message says where the schema is now."""
