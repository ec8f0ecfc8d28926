"""The demand model: trained, evaluated and packed by model/, as SageMaker takes it."""

import sys
from pathlib import Path

from . import tools
from .inputs import hash_inputs

MODEL = tools.PROJECT / "model"


def inputs() -> str:
    """The hash of everything that decides the model: its data is generated, so its sources are all there is."""
    return hash_inputs(trees=[MODEL, Path(__file__)])


def build(folder: Path) -> None:
    """Train the model and write model.tar.gz into an empty folder."""
    tools.run(
        [sys.executable, "-m", "model.package", str(folder / "model.tar.gz")],
        what="Training the model",
        remedy="`python -m model.package <file>` shows the error as well.",
        environment={"PYTHONHASHSEED": "0"},
    )
