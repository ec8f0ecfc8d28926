"""`python -m policy.scan <folder>`: Guard, checkov and cfn-lint over what `cdk synth` wrote.

They say what they find; the ledger says what of it may stay. Exit status: 0 they agree, 1 they do not.
"""

import argparse
import json
import subprocess
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

from flux_infra.environments import environments

from .acknowledgement import Acknowledged, acknowledged, due
from .assembly import AssemblyError, read_stage
from .ledger import LEDGER

_PROJECT = Path(__file__).parents[1]
_PYTHON = _PROJECT / ".build" / "scanners-venv" / "bin" / "python"  # scripts/bootstrap makes it
SCANNERS: Mapping[str, str] = {"Guard": "guard.py", "checkov": "checkov_checks.py", "cfn-lint": "cfn_lint.py"}

type Match = tuple[Path, str, str]  # template, rule, logical id


class ScannerError(RuntimeError):
    """A scanner did not run to its end, so that its silence means nothing."""


def run(tool: str, templates: Sequence[Path]) -> list[Match]:
    """Return what one scanner finds in these templates.

    Raises:
        ScannerError: it is not installed, or failed.
    """
    if not _PYTHON.exists():
        raise ScannerError(f"{_PYTHON}: missing; run 'make tools'")
    program = Path(__file__).parent / "scanners" / SCANNERS[tool]
    command = [str(_PYTHON), str(program), *(str(template.resolve()) for template in templates)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 - our program, our files
    if done.returncode:
        raise ScannerError(f"{tool} failed: {done.stderr.strip()}")
    return [(Path(file), rule, logical_id) for file, rule, logical_id in json.loads(done.stdout)]


def found_in(stage_folders: Iterable[Path]) -> set[Acknowledged]:
    """Return what all scanners find in these stages, by construct, as the ledger would name it.

    Raises:
        ScannerError: one of them is not installed, or failed.
    """
    paths = {path.resolve(): names for folder in stage_folders for path, names in _construct_paths(folder)}
    with ThreadPoolExecutor() as tools:  # each only waits for its process
        matches = tools.map(lambda tool: (tool, run(tool, sorted(paths))), SCANNERS)
        return {
            Acknowledged(rule=f"{tool}::{rule}", path=paths[file].get(logical_id, f"{file.name} {logical_id}".strip()))
            for tool, matched in matches
            for file, rule, logical_id in matched
        }


def listed(stages: Iterable[str]) -> set[Acknowledged]:
    """Return what the ledger acknowledges of the scanners in the stages called so (`Flux-prod`)."""
    wanted = set(stages)
    previews = [stage.removeprefix("Flux-") for stage in wanted if stage.startswith("Flux-pr-")]
    known = {config.name: config for preview in (None, *previews) for config in environments(preview=preview)}
    return {
        key
        for config in known.values()
        if f"Flux-{config.name}" in wanted
        for key, _ in acknowledged(LEDGER, config)
        if key.tool in SCANNERS
    }


def _construct_paths(folder: Path) -> Iterator[tuple[Path, Mapping[str, str]]]:
    """Yield every template of a stage, and the construct path of each logical id in it."""
    files = sorted(folder.glob("*.template.json"))
    for file, stack in zip(files, read_stage(folder), strict=True):
        yield file, {logical_id: path.removesuffix("/Resource") for logical_id, path in stack.paths.items()}


def main(arguments: Sequence[str] | None = None) -> int:
    """Print where scanners and ledger disagree; return the exit status."""
    parser = argparse.ArgumentParser(prog="python -m policy.scan", description="Scan written templates.")
    parser.add_argument("folder", type=Path, help="what cdk synth wrote, like cdk.out")
    folder = parser.parse_args(arguments).folder
    stages = sorted(folder.glob("assembly-Flux-*"))
    if not stages:
        sys.stderr.write(f"scan: {folder}: no assembly-Flux-* in it; run 'make synth' first\n")
        return 1
    try:
        found, expected = found_in(stages), listed(stage.name.removeprefix("assembly-") for stage in stages)
    except (AssemblyError, ScannerError) as error:
        sys.stderr.write(f"scan: {error}\n")
        return 1
    for key in sorted(found - expected):
        sys.stdout.write(f"{key.rule}: {key.path} -> fix it, or say in policy/ledger.py why it stays\n")
    for key in sorted(expected - found):
        sys.stdout.write(f"{key.rule}: {key.path} is acknowledged but not found -> take it out of the ledger\n")
    for entry in due(LEDGER, datetime.now(tz=UTC).date()):  # a reminder, which fails nothing
        sys.stdout.write(f"review was due {entry.review}: {', '.join(entry.rules)} at {entry.paths[0]}\n")
    sys.stdout.write(
        f"scan: {len(found - expected)} new, {len(expected & found)} acknowledged, by {', '.join(SCANNERS)}\n"
    )
    return 0 if found == expected else 1


if __name__ == "__main__":
    sys.exit(main())
