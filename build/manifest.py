"""`.build/manifest.json`: which builds are the current ones. Synth reads it (artifacts.py)."""

from pathlib import Path
from typing import Self

from pydantic import BaseModel

NAME = "manifest.json"

type Entry = dict[str, str]


class Manifest(BaseModel):
    """The current builds: `path` (relative to the manifest) and `hash` (of the inputs) of each."""

    functions: dict[str, Entry] = {}
    site: Entry | None = None
    model: Entry | None = None
    migrations: Entry | None = None

    @classmethod
    def read(cls, root: Path) -> Self:
        """The manifest in a folder; an empty one if there is none yet, or one that cannot be read."""
        try:
            return cls.model_validate_json((root / NAME).read_bytes())
        except (OSError, ValueError):
            return cls()

    def write(self, root: Path) -> None:
        """Replace the manifest in one step, and only when it changes: a reader sees the old one or the new one."""
        self.functions = dict(sorted(self.functions.items()))
        text = self.model_dump_json(exclude_defaults=True, indent=2) + "\n"
        target = root / NAME
        if target.exists() and target.read_text() == text:
            return
        unfinished = root / f".{NAME}"
        unfinished.write_text(text)
        unfinished.replace(target)

    def paths(self) -> set[str]:
        """The folders that the manifest names, relative to it."""
        named = {entry["path"] for entry in (*self.functions.values(), self.site) if entry}
        return named | ({str(Path(self.model["path"]).parent)} if self.model else set())
