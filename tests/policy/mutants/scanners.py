"""What the scanners notice of changes: each tool over all templates, in few processes."""

import json
import os
import sys
from collections import defaultdict
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from tempfile import TemporaryDirectory

from policy.assembly import WrittenStack
from policy.scan import run

from . import nag
from .change import Change

TOOLS = ("nag", "checkov", "Guard")

type Found = Mapping[Path, set[tuple[str, str]]]


def noticed(changes: Sequence[Change], stacks: list[WrittenStack]) -> dict[str, set[Change]]:
    """Return the changes that each tool notices: it finds something that it does not find without them."""
    with TemporaryDirectory() as name:
        folder = Path(name).resolve()
        before = {stack.layer: _write(stack, folder / f"Before{stack.layer}.template.json") for stack in stacks}
        after = {
            change: _write(stack, folder / f"Change{number}.template.json")
            for number, change in enumerate(changes)
            for stack in change.to(stacks)
            if stack.layer == change.stack
        }
        files = [*before.values(), *after.values()]
        found = {tool: _judged(tool, files) for tool in TOOLS}
    return {
        tool: {change for change, file in after.items() if by.get(file, set()) - by.get(before[change.stack], set())}
        for tool, by in found.items()
    }


def _write(stack: WrittenStack, file: Path) -> Path:
    file.write_text(json.dumps(stack.template))
    return file


def _judged(tool: str, files: list[Path]) -> Found:
    sys.stderr.write(f"{tool} reads {len(files)} templates ...\n")
    if tool != "nag":
        return _scan(tool, files)
    judged = nag.judge(files)
    sys.stderr.write(f"nag could not take in {len(files) - len(judged)} of them\n")
    return judged


def _scan(tool: str, files: list[Path]) -> Found:
    processes = os.cpu_count() or 1
    shares = [files[start::processes] for start in range(processes)]  # in turn, because neighbours are equally large
    found: dict[Path, set[tuple[str, str]]] = defaultdict(set)
    with ThreadPoolExecutor(processes) as pool:  # each only waits for its process
        for matches in pool.map(run, [tool] * processes, shares):
            for file, rule, logical_id in matches:
                found[file].add((rule, logical_id))
    return found
