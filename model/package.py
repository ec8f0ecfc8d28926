"""Trains the model and packs it as SageMaker takes it: `python -m model.package <model.tar.gz>`.

model.tar.gz holds code/inference.py, parameters.json and metrics.json. The same sources give the same bytes.
"""

import gzip
import hashlib
import io
import json
import sys
import tarfile
from pathlib import Path

from .train import CHOICE, HELD_OUT, Trained, train

INFERENCE = Path(__file__).parent / "code" / "inference.py"


def files(trained: Trained) -> dict[str, bytes]:
    """The artifact's files by name."""
    inference = INFERENCE.read_bytes()
    parameters = trained.parameters._asdict()
    identity = hashlib.sha256(inference + json.dumps(parameters).encode()).hexdigest()[:8]
    version = f"weekday-{identity}"
    return {
        "code/inference.py": inference,
        "metrics.json": _json({"model_version": version, **metrics(trained)}),
        "parameters.json": _json({"model_version": version, "parameters": parameters}),
    }


def metrics(trained: Trained) -> dict[str, object]:
    """What is known about the model's accuracy; model/evaluation.py says what each number means."""
    return {
        "data": "synthetic restaurants (model/restaurants.py); no real sales",
        "chosen_on": CHOICE,
        "held_out": HELD_OUT,
        "model": trained.held_out.rounded(),
        "same_weekday_last_week": trained.last_week.rounded(),
        "same_weekday_mean_of_four_weeks": trained.last_month.rounded(),
    }


def pack(contents: dict[str, bytes]) -> bytes:
    """A gzipped tar without anything in it that depends on when, where or by whom it was made."""
    raw = io.BytesIO()
    with tarfile.open(fileobj=raw, mode="w", format=tarfile.USTAR_FORMAT) as archive:
        for name, content in sorted(contents.items()):
            entry = tarfile.TarInfo(name)
            entry.size = len(content)
            entry.mode = 0o644
            archive.addfile(entry, io.BytesIO(content))
    return gzip.compress(raw.getvalue(), mtime=0)


def _json(content: object) -> bytes:
    return (json.dumps(content, indent=2) + "\n").encode()


if __name__ == "__main__":
    Path(sys.argv[1]).write_bytes(pack(files(train())))
