"""What the webhook takes beside its peer, the same on FastAPI, Mangum and boto3 (bench/peers/webhook)."""

import json
import subprocess
import sys
from functools import partial
from pathlib import Path
from statistics import median

from build import dependencies
from build.inputs import hash_inputs
from build.manifest import Manifest
from build.store import Store, link_tree
from local.machine import BUILD, EMULATOR_PYTHON, ROOT

OUTPUT = BUILD / "bench"
PEER = Path(__file__).parent / "peers" / "webhook"
# Those that a function of Flux has which needs FastAPI: the same versions, installed and compiled in the same way.
GROUPS = ("fn-core", "fn-api")
WANTED = {"cold": 0.30, "warm": 0.40}
TITLES = {"cold": "webhook, cold: CPU until the first event is accepted", "warm": "webhook, warm: median of an event"}


def measure() -> dict[str, object]:
    """Return milliseconds and their ratios, and print these."""
    ours = BUILD / Manifest.read(BUILD).functions["webhook"]["path"]
    done = subprocess.run(
        [EMULATOR_PYTHON, "-m", "bench.webhook_runs", OUTPUT, ours, _peer()],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        check=True,
    )
    flux, peer = json.loads(done.stdout)
    results: dict[str, object] = {}
    for kind, wanted in WANTED.items():
        of_flux, of_peer = median(flux[kind]), median(peer[kind])
        sys.stdout.write(
            f"{TITLES[kind]}: {of_flux / of_peer:.2f}x of FastAPI, Mangum and boto3, wanted {wanted:.2f}x "
            f"(medians of {len(flux[kind])}: {of_flux:.2f} ms and {of_peer:.2f} ms)\n"
        )
        milliseconds = {"flux": flux[kind], "peer": peer[kind]}
        results[kind] = {"ratio": round(of_flux / of_peer, 2), "wanted": wanted, "milliseconds": milliseconds}
    return results


def _peer() -> Path:
    """The peer's bundle, built by what builds ours."""
    pinned = dependencies.requirements(GROUPS)
    path = f"peers/webhook-{hash_inputs(trees=[PEER, Path(dependencies.__file__)], texts=[pinned])}"
    Store(OUTPUT).obtain(path, partial(_build, pinned))
    return OUTPUT / path


def _build(pinned: str, folder: Path) -> None:
    dependencies.install(pinned, folder)
    link_tree(PEER, folder / PEER.name)
    dependencies.compile_python(folder, [folder / PEER.name])
