"""Artifacts with nothing in them, so that the tests of templates need no build."""

import json
from collections.abc import Iterable
from pathlib import Path

from flux_infra.config import FUNCTIONS
from flux_infra.constructs.artifacts import BuiltArtifacts


def write_placeholders(folder: Path, *, release: str = "1", functions: Iterable[str] = FUNCTIONS) -> BuiltArtifacts:
    """Write into `folder` what `make build` would leave there.

    release: stands in the hashes of functions and model; another release is another version.
    """
    (folder / "bundle").mkdir(exist_ok=True)
    (folder / "bundle" / "placeholder.txt").write_text("placeholder")
    (folder / "model.tar.gz").write_text("placeholder")
    manifest = {
        "functions": {name: {"path": "bundle", "hash": f"placeholder-{name}-{release}"} for name in functions},
        "model": {"path": "model.tar.gz", "hash": f"placeholder-model-{release}"},
        "migrations": {"hash": "placeholder-migrations-1"},
    }
    (folder / "manifest.json").write_text(json.dumps(manifest))
    return BuiltArtifacts.read(str(folder))
