"""Secrets that an operator passes on: told to a person, or written into a file of its own."""

import argparse
import os
import sys
from pathlib import Path

from .errors import OpsError


def hand_over(secret: str, file: Path | None, *, what: str, option: str) -> str:
    """Write a secret into a new file that only its owner may read; returns what to tell the operator.

    Without a file it is told itself, on a terminal alone: a pipe or a workflow's log would keep it.

    what: the secret's name, in the middle of a sentence. option: the one that `file` was given by.

    Raises:
        OpsError: there is neither file nor terminal, or the file is there already.
    """
    title = what[0].upper() + what[1:]
    if file is None:
        if sys.stdout is None or not sys.stdout.isatty():
            raise OpsError(
                f"{what} would be kept by whatever reads this output",
                remedy=f"run this in a terminal, or give {option} PATH",
            )
        return f"{title}, shown this once: {secret}"
    try:
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except OSError as error:
        raise OpsError(f"{option} {file}: {error.strerror}", remedy="give a path where no file is") from error
    with os.fdopen(descriptor, "w") as opened:
        opened.write(f"{secret}\n")
    return f"{title} is in {file}."


def new_file(text: str) -> Path:
    """An argument's type: the path of a file that is not there yet."""
    file = Path(text)
    if file.exists() or not file.parent.is_dir():
        raise argparse.ArgumentTypeError(f"{text!r}: give the path of a new file, in a folder that exists")
    return file
