"""`make bench`: what Flux takes, as a multiple of something else. `ONLY=` measures one: gated, single or webhook.

`gated` and `single` are synthesis: its process-CPU, as a multiple of the floor. `webhook` is in webhook.py.

The floor (floor.mjs) replays the same templates in plain JavaScript on the same Node. Runs alternate, bytecode is warm,
and what counts is user and system time of the process and its children: waiting, and other work on the machine, do not.
"""

import argparse
import json
import os
import resource
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from . import webhook

PROJECT = Path(__file__).parents[1]
NODE = PROJECT / "node_modules/.bin/node"
OUTPUT = PROJECT / ".build/bench"
RESULTS = Path(__file__).parent / "results.json"
RUNS = 9
CDK_JSON = json.loads((PROJECT / "cdk.json").read_text())
# What the CDK CLI adds to cdk.json's context: seen by letting `cdk synth` start a program that prints its environment.
FROM_CLI = {"aws:cdk:enable-path-metadata": True, "aws:cdk:disable-version-reporting": True}


class BenchError(RuntimeError):
    """A program failed, or the floor does not replay what was synthesized."""


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """context: what is given to app.py by `-c`. validated: with CDK's own validation, and for app.py with cdk-nag."""

    name: str
    title: str
    context: Mapping[str, str]
    validated: bool
    wanted: float

    def measure(self) -> dict[str, object]:
        """Return seconds of process-CPU and their ratio, and print it."""
        app, floor = CDK_JSON["app"].split(), [str(NODE), "bench/floor.mjs", str(OUTPUT / self.name / "app")]
        self._seconds(app, "app")  # also compiles bytecode, and writes what the floor replays
        self._seconds(floor, "floor")
        self._compare_templates()
        seconds: dict[str, list[float]] = {"app": [], "floor": []}
        for _ in range(RUNS):
            seconds["app"].append(self._seconds(app, "app"))
            seconds["floor"].append(self._seconds(floor, "floor"))
        of_app, of_floor = median(seconds["app"]), median(seconds["floor"])
        sys.stdout.write(
            f"{self.title}: {of_app / of_floor:.2f}x of the floor, wanted {self.wanted}x "
            f"(medians of {RUNS}: {of_app:.2f} s and {of_floor:.2f} s of process-CPU)\n"
        )
        sys.stdout.flush()
        return {"ratio": round(of_app / of_floor, 2), "wanted": self.wanted, "seconds": seconds}

    def _seconds(self, command: list[str], output: str) -> float:
        environment = os.environ | {
            "CDK_CONTEXT_JSON": json.dumps(CDK_JSON["context"] | FROM_CLI | dict(self.context)),
            "CDK_OUTDIR": str(OUTPUT / self.name / output),
            "CDK_VALIDATION": str(self.validated).lower(),
            "JSII_NODE": str(NODE),
        }
        environment.pop("PYTHONDONTWRITEBYTECODE", None)
        before = _cpu_of_children()
        done = subprocess.run(command, cwd=PROJECT, env=environment, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            raise BenchError(f"{' '.join(command)} ended with {done.returncode}: {done.stderr[-2000:]}")
        return round(_cpu_of_children() - before, 3)

    def _compare_templates(self) -> None:
        app, floor = OUTPUT / self.name / "app", OUTPUT / self.name / "floor"
        for template in app.glob("assembly-*/*.template.json"):
            replayed = floor / template.relative_to(app)
            if json.loads(template.read_text()) != json.loads(replayed.read_text()):
                raise BenchError(f"{replayed} differs from {template}: mend bench/floor.mjs")


def _cpu_of_children() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


COMPARISONS = (
    Comparison(
        name="gated",
        title="all environments with cdk-nag and CDK's validation, floor with its validation",
        context={},
        validated=True,
        wanted=2.2,
    ),
    Comparison(
        name="single",
        title="one environment (local) without scanners, floor without validation",
        context={"only": "local"},
        validated=False,
        wanted=7,
    ),
)


def main() -> None:
    """Measure what was asked for, print one line each, and keep all of it in bench/results.json."""
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    measures = {comparison.name: comparison.measure for comparison in COMPARISONS} | {"webhook": webhook.measure}
    parser.add_argument("--only", choices=measures, help="measure this one alone")
    only = parser.parse_args().only
    results = json.loads(RESULTS.read_text()) if RESULTS.exists() else {}
    for name, measure in measures.items():
        if only in (None, name):
            results[name] = measure()
            RESULTS.write_text(json.dumps(results, indent=1) + "\n")


if __name__ == "__main__":
    try:
        main()
    except BenchError as error:
        sys.exit(f"bench: {error}")
