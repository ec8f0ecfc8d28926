"""An owner's first password: made on the operator's machine, and shown where nothing keeps it by accident."""

import os
import secrets
import sys
from pathlib import Path

from .errors import OpsError

# No 0 and O, 1, l and I: it is read out on the telephone. 31 letters, 20 of them: 99 bits.
_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"
_GROUPS, _GROUP = 4, 5


def make_password() -> str:
    """Four groups of five letters and digits."""
    return "-".join("".join(secrets.choice(_LETTERS) for _ in range(_GROUP)) for _ in range(_GROUPS))


def hand_over(password: str, file: Path | None) -> str:
    """Write the password into a new file that only its owner may read; returns what to tell the operator.

    Without a file it is told itself, on a terminal alone: a pipe or a workflow's log would keep it.

    Raises:
        OpsError: there is neither file nor terminal, or the file is there already.
    """
    if file is None:
        if not sys.stdout.isatty():
            raise OpsError(
                "the owner's password would be kept by whatever reads this output",
                remedy="run this in a terminal, or give --password-file PATH",
            )
        return f"The owner's password, shown this once: {password}"
    try:
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except OSError as error:
        raise OpsError(f"--password-file {file}: {error.strerror}", remedy="give a path where no file is") from error
    with os.fdopen(descriptor, "w") as opened:
        opened.write(f"{password}\n")
    return f"The owner's password is in {file}."
