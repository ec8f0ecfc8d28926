"""The workflows as data."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import cast

import yaml

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / ".github" / "workflows"
NAMES = ("ci", "deploy", "drift", "nightly", "preview", "rollback", "sweep")

type Yaml = str | int | float | bool | Sequence[Yaml] | Mapping[str, Yaml] | None
type Map = Mapping[str, Yaml]


@dataclass(frozen=True, kw_only=True)
class Workflow:
    """name: of the file. text: as it is written. content: as GitHub reads it."""

    name: str
    text: str
    content: Map

    @classmethod
    def read(cls, name: str) -> "Workflow":
        text = (FOLDER / f"{name}.yml").read_text()
        # BaseLoader keeps every scalar a string: with YAML 1.1's rules "on" would be a boolean.
        return cls(name=name, text=text, content=cast("Map", yaml.load(text, Loader=yaml.BaseLoader)))  # noqa: S506 - it builds strings only

    @property
    def triggers(self) -> Map:
        return cast("Map", self.content["on"])

    @property
    def jobs(self) -> Mapping[str, Map]:
        return cast("Mapping[str, Map]", self.content["jobs"])

    def steps(self) -> Iterator[tuple[str, Map]]:
        """Every step with its job's name."""
        for name, job in self.jobs.items():
            for step in cast("Sequence[Map]", job["steps"]):
                yield name, step

    def scripts(self) -> Iterator[str]:
        """Everything that a shell runs."""
        for _, step in self.steps():
            if "run" in step:
                yield str(step["run"])
