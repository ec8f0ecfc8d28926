"""Speaks with the operator: one vocabulary of flags, what is done, and a question before anything is changed."""

import argparse
import json
import re
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Self, TextIO

from .aws import Aws
from .errors import OpsError, OutputError
from .reads import Json

type Verbs = "argparse._SubParsersAction[argparse.ArgumentParser]"  # noqa: SLF001 - argparse has no public name


def add_verb(  # noqa: PLR0913 - what differs between verbs
    verbs: Verbs,
    name: str,
    *,
    purpose: str,
    examples: str,
    run: Callable[[argparse.Namespace], int],
    environment: str | None = None,
    changes: bool = True,
) -> argparse.ArgumentParser:
    """Add a verb with the flags that every verb takes; its own are added to what this returns.

    environment: where the verb acts unless it is told otherwise; None: it must be told.
    changes: whether the verb may change something, and so asks before it does.
    """
    verb = verbs.add_parser(
        name, help=purpose, description=purpose, epilog=examples, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    verb.add_argument(
        "--env",
        required=environment is None,
        default=environment,
        metavar="NAME",
        help="local, dev, staging, prod or pr-<number>",
    )
    if changes:
        verb.add_argument("--yes", action="store_true", help="do not ask before something is changed")
    verb.add_argument("--json", action="store_true", help="one JSON document on standard output, for a program")
    verb.set_defaults(run=run)
    return verb


def number(least: int, most: int) -> Callable[[str], int]:
    """An argument's type: a whole number from `least` to `most`."""

    def read(text: str) -> int:
        if re.fullmatch(r"\d{1,9}", text) is None or not least <= int(text) <= most:
            raise argparse.ArgumentTypeError(f"{text!r}: give a number from {least} to {most}")
        return int(text)

    return read


def words(remedy: str) -> Callable[[str], str]:
    """An argument's type: text that a person can read. remedy: begins with 'give' or 'say'."""

    def read(text: str) -> str:
        if not text.strip() or not text.isprintable():
            raise argparse.ArgumentTypeError(f"{text!r}: {remedy}")
        return text

    return read


@contextmanager
def writing(out: Path) -> Iterator[None]:
    """Answer for a file that --out names and nobody can write.

    Raises:
        OpsError: there is no such folder, or nothing may be written there.
    """
    try:
        yield
    except OSError as error:
        raise OpsError(
            f"--out {out}: {error.strerror}", remedy="give a file in a folder that you may write to"
        ) from error


@dataclass(frozen=True, kw_only=True)
class Console:
    """The flags that every verb takes.

    yes: do not ask.
    json: standard output holds one JSON document for a program; what a person reads goes to standard error.
    """

    yes: bool = False
    json: bool = False

    @classmethod
    def of(cls, arguments: argparse.Namespace) -> Self:
        """As the command line says."""
        return cls(yes=arguments.yes, json=arguments.json)

    def echo(self, line: str) -> None:
        """Say a line at once, also through a pipe."""
        _write(line, sys.stderr if self.json else sys.stdout)

    def heading(self, aws: Aws) -> None:
        """Say where and as whom this is done."""
        self.echo(f"Flux {aws.config.name}, account {aws.config.account}, as {aws.operator}\n")

    def result(self, **members: Json) -> None:
        """The JSON document, if one was asked for."""
        if self.json:
            _write(json.dumps(members, indent=2), sys.stdout)

    def confirm(self, environment: str, action: str) -> bool:
        """Whether to go on: with --yes, or if the operator types the environment's name."""
        if self.yes:
            return True
        if sys.stdin is None or not sys.stdin.isatty():  # None: closed by the shell, as with `<&-`
            self.echo("Nothing was changed: there is no terminal to ask on. Give --yes to go on without a question.")
            return False
        self.echo(f"\nType '{environment}' to {action}:")
        typed = sys.stdin.readline().strip()
        if typed == environment:
            return True
        self.echo(f"Nothing was changed: you typed {typed!r}, not {environment!r}.")
        return False


def _write(text: str, stream: TextIO) -> None:
    """Say it at once, also through a pipe.

    Raises:
        BrokenPipeError: nobody reads it any more.
        OutputError: it cannot be written, as on a full disk.
    """
    try:
        print(text, file=stream, flush=True)
    except BrokenPipeError:
        raise
    except OSError as error:
        raise OutputError(
            f"{stream.name}: {error.strerror}", remedy="send it where there is room; './flux status' says what was done"
        ) from error
