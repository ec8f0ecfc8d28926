"""`.build/manifest.json`: which builds are the current ones. Synth reads it (artifacts.py)."""

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self, cast

NAME = "manifest.json"

type Entry = dict[str, str]


@dataclass(kw_only=True)
class Manifest:
    """The current builds: `path` (relative to the manifest) and `hash` (of the inputs) of each."""

    functions: dict[str, Entry] = field(default_factory=dict)
    site: Entry | None = None
    model: Entry | None = None
    migrations: Entry | None = None

    @classmethod
    def read(cls, root: Path) -> Self:
        """The manifest in a folder; an empty one if there is none yet, or one that cannot be read."""
        try:
            content = cast("dict[str, object]", json.loads((root / NAME).read_text()))
            return cls(
                functions=cast("dict[str, Entry]", content.get("functions", {})),
                site=cast("Entry | None", content.get("site")),
                model=cast("Entry | None", content.get("model")),
                migrations=cast("Entry | None", content.get("migrations")),
            )
        except (OSError, ValueError):
            return cls()

    def write(self, root: Path) -> None:
        """Replace the manifest in one step, and only when it changes: a reader sees the old one or the new one."""
        content = {
            name: value
            for name, value in (
                ("functions", dict(sorted(self.functions.items()))),
                ("site", self.site),
                ("model", self.model),
                ("migrations", self.migrations),
            )
            if value
        }
        text = json.dumps(content, indent=2) + "\n"
        target = root / NAME
        if target.exists() and target.read_text() == text:
            return
        unfinished = root / f".{NAME}"
        unfinished.write_text(text)
        unfinished.replace(target)

    def paths(self) -> set[str]:
        """The folders that the manifest names, relative to it."""
        named = {entry["path"] for entry in (*self.functions.values(), self.site) if entry}
        if self.model:
            named.add(str(Path(self.model["path"]).parent))
        return named
