"""The revisions that this release knows, in their order, and which of them can be undone."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from alembic.config import Config
from alembic.script import Script, ScriptDirectory

from migrations.phases import BASE, Contract, Phase

from .errors import RefusedError


@dataclass(frozen=True, kw_only=True)
class Revision:
    """One revision.

    before: the revision that it builds on; None for the first.
    summary: what it does, the first line of its description.
    contracts: what it takes away; None unless its phase is "contract".
    """

    id: str
    before: str | None
    phase: Phase
    summary: str
    contracts: Contract | None

    @property
    def refusal(self) -> str | None:
        """Why it cannot be undone; None if it can."""
        if self.phase == "base":
            return f"{self.id} made the first tables; undoing it would delete restaurants' data"
        if self.contracts is not None:
            return (
                f"{self.id} took away {', '.join(self.contracts.columns)}, which no downgrade brings back; "
                "restore the snapshot that was taken before it, or write a new revision"
            )
        return None


class Revisions:
    """The revisions in a folder of Alembic scripts, a single line without branches."""

    def __init__(self, folder: Path) -> None:
        self.config = Config()
        self.config.set_main_option("script_location", str(folder).replace("%", "%%"))
        self._scripts = ScriptDirectory.from_config(self.config)

    @property
    def head(self) -> str:
        """The newest one."""
        head = self._scripts.get_current_head()
        if head is None:
            raise RuntimeError(f"no revisions in {self._scripts.dir}; the bundle is broken, build it again")
        return head

    def knows(self, revision: str) -> bool:
        """Whether this release has it."""
        return any(script.revision == revision for script in self._scripts.walk_revisions())

    def between(self, lower: str | None, upper: str) -> Sequence[Revision]:
        """Those after `lower` (None: from the first) up to and with `upper`, oldest first.

        Raises:
            RefusedError: `upper` is not known, or does not come after `lower`.
        """
        if not self.knows(upper):
            raise RefusedError(f"this release knows no revision {upper!r}; its newest is {self.head!r}")
        line = [_revision(script) for script in self._scripts.iterate_revisions(upper, "base")][::-1]
        if lower is None:
            return line
        ids = [revision.id for revision in line]
        if lower not in ids:
            raise RefusedError(f"revision {upper!r} does not come after {lower!r}")
        return line[ids.index(lower) + 1 :]


def _revision(script: Script) -> Revision:
    contracts: object = getattr(script.module, "contracts", None)
    if contracts is not None and not isinstance(contracts, Contract):
        raise TypeError(f"revision {script.revision}: `contracts` must be a Contract, not {contracts!r}")
    before = script.down_revision
    if before is not None and not isinstance(before, str):
        raise TypeError(f"revision {script.revision} merges {before}; Flux's revisions are a single line")
    phase: Phase = "expand" if contracts is None else "contract"
    return Revision(
        id=script.revision,
        before=before,
        phase="base" if script.revision in BASE else phase,
        summary=script.doc,
        contracts=contracts,
    )
