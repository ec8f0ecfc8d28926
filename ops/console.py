"""Speaks with the operator: says what is done, and asks before anything is changed."""

import argparse
import json
import sys
from dataclasses import dataclass
from typing import Self

from .aws import Aws
from .reads import Json


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
        print(line, file=sys.stderr if self.json else sys.stdout, flush=True)

    def heading(self, aws: Aws) -> None:
        """Say where and as whom this is done."""
        self.echo(f"Flux {aws.config.name}, account {aws.config.account}, as {aws.operator}\n")

    def result(self, **members: Json) -> None:
        """The JSON document, if one was asked for."""
        if self.json:
            print(json.dumps(members, indent=2))  # noqa: T201 - a command's answer

    def confirm(self, environment: str, action: str) -> bool:
        """Whether to go on: with --yes, or if the operator types the environment's name."""
        if self.yes:
            return True
        if not sys.stdin.isatty():
            self.echo("Nothing was changed: there is no terminal to ask on. Give --yes to go on without a question.")
            return False
        self.echo(f"\nType '{environment}' to {action}:")
        typed = sys.stdin.readline().strip()
        if typed == environment:
            return True
        self.echo(f"Nothing was changed: you typed {typed!r}, not {environment!r}.")
        return False
