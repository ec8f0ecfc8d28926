"""Whether a newly trained model may take the place of the one that is live.

    python -m model.acceptance <model.tar.gz>

writes the model's metrics to model/live-metrics.json. Do so, and commit it, when that model is live in production.
"""

import json
import math
import sys
import tarfile
from dataclasses import dataclass
from pathlib import Path
from typing import Self

LIVE_METRICS = Path(__file__).parent / "live-metrics.json"

# How much greater the held-out error may be, as a share of the live model's. Both are judged on the same restaurants;
# between two good choices of parameters the difference then scatters by 0.3 % from one set of 20 restaurants to the
# next (standard deviation over twelve sets). Three of those are chance; more is a worse model.
MARGIN = 0.01


class WorseModelError(ValueError):
    """The model must not be released; the message names both errors, the margin and the remedy."""


@dataclass(frozen=True, kw_only=True)
class Metrics:
    """What is compared of a model.

    version: names its code and parameters.
    held_out: which restaurants it was judged on, as JSON; errors on different ones say nothing about each other.
    wape: sum of absolute errors over the sum of sales.
    """

    version: str
    held_out: str
    wape: float

    @classmethod
    def parse(cls, text: str | bytes) -> Self:
        """Read metrics.json."""
        content = json.loads(text)
        return cls(
            version=content["model_version"],
            held_out=json.dumps(content["held_out"], sort_keys=True),
            wape=float(content["model"]["wape"]),
        )

    @classmethod
    def of_artifact(cls, artifact: Path) -> Self:
        """Read the metrics inside a model.tar.gz."""
        return cls.parse(_read(artifact))


def refuse_worse(candidate: Metrics, live: Metrics) -> None:
    """Compare a candidate with the live model.

    Raises:
        WorseModelError: its error is no number, was measured on other restaurants, or is greater beyond the margin.
    """
    if not math.isfinite(candidate.wape):
        raise WorseModelError(
            f"model {candidate.version} has no held-out error (WAPE is {candidate.wape}): its forecasts are no "
            "numbers. Mend model/code/inference.py or model/train.py."
        )
    if candidate.held_out != live.held_out:
        raise WorseModelError(
            f"model {candidate.version} was judged on restaurants {candidate.held_out}, the live {live.version} on "
            f"{live.held_out}, so nobody knows which is better. Build the live model's commit with the new "
            "model/train.py settings and record its metrics with 'python -m model.acceptance <model.tar.gz>'."
        )
    most = live.wape * (1 + MARGIN)
    if candidate.wape > most:
        raise WorseModelError(
            f"model {candidate.version} has a held-out error (WAPE) of {candidate.wape:.4f}, the live {live.version} "
            f"of {live.wape:.4f}; at most {most:.4f} may be released (margin {MARGIN:.0%}). Improve the model; or, if "
            "the loss is meant, record the new metrics with 'python -m model.acceptance <model.tar.gz>' and "
            "say why in the commit."
        )


def _read(artifact: Path) -> bytes:
    with tarfile.open(artifact) as archive:
        metrics = archive.extractfile("metrics.json")
        if metrics is None:
            raise WorseModelError(f"{artifact} holds no metrics.json; build it with 'python -m model.package'")
        return metrics.read()


if __name__ == "__main__":
    LIVE_METRICS.write_bytes(_read(Path(sys.argv[1])))
