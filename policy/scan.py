"""`python -m policy.scan <folder>`: Guard, checkov and cfn-lint over what `cdk synth` wrote.

They say what they find, and cdk-nag said it during synth; the ledger says what of it may stay. Exit status: 0 they
agree, 1 they do not.
"""

import argparse
import json
import subprocess
import sys
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from itertools import chain
from pathlib import Path

from flux_infra.environments import environments

from .acknowledgement import Acknowledgement, Found, due, ledger
from .assembly import AssemblyError, read_stages
from .model import WrittenStack
from .places import PACKS, Places, read_acknowledged

_PYTHON = Path(__file__).parents[1] / ".build" / "scanners-venv" / "bin" / "python"  # scripts/bootstrap makes it
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


def found_in(stacks: Iterable[WrittenStack]) -> set[Found]:
    """Return what all scanners find in these stacks, as the ledger would name it.

    Raises:
        ScannerError: one of them is not installed, or failed.
    """
    places = Places(stacks)
    with ThreadPoolExecutor() as tools:  # each only waits for its process
        matches = tools.map(lambda tool: (tool, run(tool, sorted(places.templates))), SCANNERS)
        return {
            places.in_template(f"{tool}::{rule}", file, logical_id)
            for tool, matched in matches
            for file, rule, logical_id in matched
        }


def disagreements(found: Iterable[Found], tools: Container[str], entries: Sequence[Acknowledgement]) -> Iterator[str]:
    """Yield what these tools found and not one entry acknowledges, and what is acknowledged and they did not find."""
    seen = sorted(found)
    for one in seen:
        count = sum(entry.covers(one) for entry in entries)
        if not count:
            yield f"{one} -> mend it, or say in policy/ledger.toml why it stays"
        elif count > 1:
            yield f"{one} is acknowledged {count} times -> leave one table of policy/ledger.toml that says it"
    for entry in entries:
        for stale in entry.stale(seen, tools):
            yield f"{stale} is acknowledged but not found -> take it out of policy/ledger.toml"


def main(arguments: Sequence[str] | None = None) -> int:
    """Print where scanners and ledger disagree; return the exit status."""
    parser = argparse.ArgumentParser(prog="python -m policy.scan", description="Scan written templates.")
    parser.add_argument("folder", type=Path, help="what cdk synth wrote, like cdk.out")
    folder = parser.parse_args(arguments).folder
    try:
        found = read_acknowledged(folder) | found_in(chain(*read_stages(folder).values()))
    except (AssemblyError, ScannerError) as error:
        sys.stderr.write(f"scan: {error}\n")
        return 1
    whole = {config.name for config in environments()} <= {one.environment for one in found}
    lines = list(disagreements(found, {*PACKS, *SCANNERS} if whole else (), ledger()))  # alone, one finds less
    failed = bool(lines)
    lines += [  # a reminder, which fails nothing
        f"review was due {entry.review}: {', '.join(entry.rules)} at {', '.join(entry.types)}"
        for entry in due(ledger(), datetime.now(tz=UTC).date())
    ]
    lines.append(f"scan: {len(found)} findings by cdk-nag, {', '.join(SCANNERS)}; {'not ' * failed}all acknowledged")
    sys.stdout.write("\n".join(lines) + "\n")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
