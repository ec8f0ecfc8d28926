"""The demand model: trained, evaluated and packed by model/, as SageMaker takes it."""

import sys
from pathlib import Path

from model.acceptance import LIVE_METRICS, Metrics, WorseModelError, refuse_worse

from . import tools
from .errors import BuildError
from .inputs import GENERATED, hash_inputs

MODEL = tools.PROJECT / "model"

# What judges the model is not in it: when the live model's metrics are recorded, no model is released by that.
_JUDGES = ("acceptance.py", LIVE_METRICS.name)


def inputs() -> str:
    """The hash of everything that decides the model: its data is generated, so its sources are all there is."""
    sources = [entry for entry in sorted(MODEL.iterdir()) if entry.name not in (*_JUDGES, GENERATED)]
    return hash_inputs(trees=[*sources, Path(__file__)])


def build(folder: Path) -> None:
    """Train the model and write model.tar.gz into an empty folder."""
    tools.run(
        [sys.executable, "-m", "model.package", str(folder / "model.tar.gz")],
        what="Training the model",
        remedy="`python -m model.package <file>` shows the error as well.",
        environment={"PYTHONHASHSEED": "0"},
    )


def refuse_if_worse(folder: Path) -> None:
    """Compare the model in a folder with the one that is live.

    Raises:
        BuildError: its held-out error is worse beyond the margin of model/acceptance.py.
    """
    try:
        refuse_worse(Metrics.of_artifact(folder / "model.tar.gz"), Metrics.parse(LIVE_METRICS.read_bytes()))
    except WorseModelError as error:
        raise BuildError(str(error)) from error
