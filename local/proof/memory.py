"""What the release proof saw, kept so that an unchanged platform is not released three times again."""

import hashlib
import json
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Self

from .. import machine
from ..toolkit import Assembly


@dataclass(kw_only=True)
class Memory:
    """The lines that the proof printed for one state of the code.

    file: one for each state of the synthesized templates, which name every artifact by its hash.
    """

    file: Path
    tried_at: str
    lines: list[str]

    @classmethod
    def of(cls, assembly: Assembly) -> Self:
        """What was seen with this assembly on the platform that is up; no lines if it was not tried yet."""
        templates = sorted(assembly.folder.rglob("*.template.json"))
        state = hashlib.sha256(b"".join(template.read_bytes() for template in templates)).hexdigest()
        file = machine.STATE / f"releases-{state[:16]}.json"
        if not file.exists():
            return cls(file=file, tried_at="", lines=[])
        return cls(file=file, **json.loads(file.read_text()))

    def keep(self, lines: list[str]) -> None:
        """Remember what was just seen."""
        self.tried_at, self.lines = f"{datetime.now().astimezone():%H:%M}", lines
        self.file.write_text(json.dumps({"tried_at": self.tried_at, "lines": lines}))
