"""`make build`: everything that synth deploys but does not build.

    python -m build [--only functions|site|model] [--source DIR] [--out DIR]

Builds what its inputs say has changed, into folders named after the hash of those inputs, and at last writes
`manifest.json`, which names the current ones. With nothing changed it only hashes and takes a fraction of a second.
"""

import argparse
import fcntl
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path

from flux_infra.environments import environments

from . import model, site, tools
from .bundles import FUNCTIONS, Bundles, size
from .dependencies import requirements
from .errors import BuildError
from .inputs import hash_inputs
from .manifest import Manifest
from .store import Store

DEFAULT_OUT = tools.PROJECT / ".build"
LOCK = ".build.lock"
PARTS = ("functions", "site", "model")


def main(arguments: Sequence[str] | None = None) -> int:
    """Build; 0 when everything is there, 1 with the reason on stderr when not."""
    parser = argparse.ArgumentParser(description="Build the function bundles, the site and the model.")
    parser.add_argument(
        "--only", choices=PARTS, help="build this part; the manifest keeps what it says about the others"
    )
    parser.add_argument("--source", type=Path, default=tools.PROJECT, help="the folder that holds lambdas/")
    parser.add_argument("--out", type=Path, default=DEFAULT_OUT, help="where the builds and manifest.json are written")
    options = parser.parse_args(arguments)
    parts = (options.only,) if options.only else PARTS
    try:
        build(parts, source=options.source.resolve(), out=options.out.resolve())
    except KeyboardInterrupt:
        return 130
    except BuildError as error:
        print(f"build: {error}", file=sys.stderr)  # noqa: T201 -- a command's answer
        return 1
    return 0


def build(parts: Sequence[str], *, source: Path, out: Path) -> None:
    """Build some parts and write the manifest.

    Args:
        parts: of PARTS; the others stay as the manifest has them.
        source: the folder that holds lambdas/; the site and the model are always the project's own.
        out: where to; what the project's `.build` already holds is taken over from there.
    """
    with _locked(out):
        store = Store(out, other=DEFAULT_OUT)
        manifest = Manifest.read(out)
        steps: dict[str, Callable[[], None]] = {
            "functions": partial(_build_functions, manifest, store, source / "lambdas"),
            "site": partial(_build_site, manifest, store),
            "model": partial(_build_model, manifest, store),
        }
        with ThreadPoolExecutor() as pool:  # each waits for tools of its own
            for step in [pool.submit(steps[part]) for part in parts]:
                step.result()
        manifest.write(out)
        store.prune(manifest.paths())


def _build_functions(manifest: Manifest, store: Store, lambdas: Path) -> None:
    shared = Store(DEFAULT_OUT)
    regions = tuple(sorted({config.region for config in environments()}))
    bundles = Bundles(lambdas=lambdas, regions=regions, shared=shared)
    with ThreadPoolExecutor() as pool:  # uv reads the lockfile anew for each group
        pinned = dict(zip(FUNCTIONS, pool.map(lambda function: requirements(function.groups), FUNCTIONS), strict=True))
    manifest.functions = {}
    for function in FUNCTIONS:
        inputs = bundles.inputs(function, pinned[function])
        path = f"functions/{function.name}-{inputs}"
        _obtain(store, path, f"functions: {function.name}", partial(bundles.build, function, pinned[function]))
        manifest.functions[function.name] = {"path": path, "hash": inputs}
    manifest.migrations = {"hash": hash_inputs(trees=[lambdas / "migrations"])}
    if store.root == shared.root:
        shared.prune({bundles.dependencies_path(pinned[function]) for function in FUNCTIONS})


def _build_site(manifest: Manifest, store: Store) -> None:
    inputs = site.inputs()
    path = f"site/{inputs}"
    _obtain(store, path, "site", partial(site.build, inputs))
    manifest.site = {"path": path, "hash": inputs}


def _build_model(manifest: Manifest, store: Store) -> None:
    inputs = model.inputs()
    path = f"model/{inputs}"
    _obtain(store, path, "model", model.build)
    model.refuse_if_worse(store.root / path)  # also one that was built before: the live one may have become better
    manifest.model = {"path": f"{path}/model.tar.gz", "hash": inputs}


def _obtain(store: Store, path: str, what: str, make: Callable[[Path], None]) -> None:
    started = time.monotonic()
    if store.obtain(path, make):
        kilobytes = size(store.root / path) // 1000
        seconds = time.monotonic() - started
        print(f"{what}: {kilobytes:,} kB in {seconds:.1f} s", flush=True)  # noqa: T201 -- a command's progress


@contextmanager
def _locked(out: Path) -> Iterator[None]:
    """One build at a time in a folder: the second waits and then finds everything built.

    Beside DEFAULT_OUT, no build prunes there while this one takes over what it holds; several others may do so, too.
    """
    with ExitStack() as stack:
        for folder, kind in ((out, fcntl.LOCK_EX), (DEFAULT_OUT, fcntl.LOCK_SH))[: 1 if out == DEFAULT_OUT else 2]:
            folder.mkdir(parents=True, exist_ok=True)
            fcntl.flock(stack.enter_context((folder / LOCK).open("a")), kind)
        yield


if __name__ == "__main__":
    sys.exit(main())
