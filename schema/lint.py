"""Expand, then contract, enforced: every revision's SQL is read by squawk before a database ever sees it."""

import json
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypedDict

from migrate.session import LOCK_SECONDS, STATEMENT_SECONDS

from .rules import CONTRACT, OPT_IN, OWN, is_harmless, statements
from .sql import RevisionSql, sql_after_base

SQUAWK = Path(sys.executable).parent / "squawk"
POSTGRES = "18"

# What the migrate function sets before it runs a revision; squawk asks for it.
_LIMITS = f"SET lock_timeout = '{LOCK_SECONDS}s';\nSET statement_timeout = '{STATEMENT_SECONDS}s';\n"


class _SquawkFinding(TypedDict):
    """What we use of squawk's JSON; lines and columns count from 0."""

    rule_name: str
    message: str
    line: int


@dataclass(frozen=True, kw_only=True)
class Finding:
    """Why a revision may not be released as it is."""

    revision: str
    rule: str
    message: str

    def __str__(self) -> str:
        return f"lambdas/migrations: revision {self.revision}: {self.message} ({self.rule})"


def lint(scripts: Path) -> Sequence[Finding]:
    """Read every revision after the base ones."""
    return [finding for step in sql_after_base(scripts) for finding in _findings(step)]


def _findings(step: RevisionSql) -> Iterator[Finding]:
    found = [*_squawk(step), *_own(step)]
    contracts = step.revision.contracts
    for finding in found:
        if finding.rule not in CONTRACT:
            yield finding
        elif contracts is None:
            yield Finding(
                revision=finding.revision,
                rule=finding.rule,
                message=f"{finding.message} Only a revision of its own may do that, after a release that stopped using "
                "it is live: mark it with contracts = Contract(stopped_using=..., columns=(...))",
            )
    if contracts is not None and not any(finding.rule in CONTRACT for finding in found):
        yield Finding(
            revision=step.revision.id,
            rule="idle-contract",
            message="takes nothing away; remove `contracts`, so that it can be undone",
        )


def _own(step: RevisionSql) -> Iterator[Finding]:
    sql = statements(step.sql)
    for rule, (pattern, message) in OWN.items():
        if pattern.search(sql):
            yield Finding(revision=step.revision.id, rule=rule, message=f"{message}.")
    if "squawk-ignore" in step.sql:
        yield Finding(
            revision=step.revision.id,
            rule="unchecked-statements",
            message="a revision cannot exempt itself; split it, or mark what it takes away.",
        )


def _squawk(step: RevisionSql) -> Iterator[Finding]:
    sql = _LIMITS + step.sql
    finished = subprocess.run(  # noqa: S603 - our own tool, and SQL on its standard input
        [
            SQUAWK,
            "--pg-version",
            POSTGRES,
            "--reporter",
            "json",
            "--include",
            ",".join(OPT_IN),
            "--stdin-filepath",
            "revision.sql",
        ],
        input=sql,
        capture_output=True,
        text=True,
        check=False,
    )
    if not finished.stdout.strip():
        raise RuntimeError(f"squawk says nothing about revision {step.revision.id}: {finished.stderr.strip()}")
    findings: list[_SquawkFinding] = json.loads(finished.stdout)
    for finding in findings:
        if not is_harmless(finding["rule_name"], _statement(sql, finding["line"])):
            yield Finding(revision=step.revision.id, rule=finding["rule_name"], message=finding["message"])


def _statement(sql: str, line: int) -> str:
    """The statement that a line belongs to, roughly: up to its semicolons."""
    lines = sql.splitlines()
    first = line
    while first > 0 and not lines[first - 1].rstrip().endswith(";") and lines[first - 1].strip():
        first -= 1
    last = line
    while last + 1 < len(lines) and not lines[last].rstrip().endswith(";"):
        last += 1
    return "\n".join(lines[first : last + 1])
