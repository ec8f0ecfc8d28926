"""The SQL that each revision runs, as Alembic writes it without a database."""

import io
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from alembic import command

from migrate.revisions import Revision, Revisions


@dataclass(frozen=True, kw_only=True)
class RevisionSql:
    """One revision and its statements."""

    revision: Revision
    sql: str


def sql_after_base(scripts: Path) -> Sequence[RevisionSql]:
    """Every revision but those that made the first tables, oldest first.

    Raises:
        AttributeError: a revision asks the database something, so that its SQL cannot be known before it runs.
    """
    revisions = Revisions(scripts)
    return [
        RevisionSql(revision=revision, sql=_upgrade(revisions, revision))
        for revision in revisions.between(None, revisions.head)
        if revision.phase != "base"
    ]


def _upgrade(revisions: Revisions, revision: Revision) -> str:
    buffer = io.StringIO()
    revisions.config.output_buffer = buffer
    command.upgrade(revisions.config, f"{revision.before or 'base'}:{revision.id}", sql=True)
    return buffer.getvalue()
