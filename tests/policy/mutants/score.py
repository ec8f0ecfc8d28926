"""`make policy-mutants`: how many weakenings of production the gate notices, layer by layer.

The gate alone is scored: cdk-nag judges constructs while they synthesize, and cannot be asked about a written template.
"""

import sys
from collections import Counter
from pathlib import Path

from flux_infra.policy.assembly import WrittenStack, read_stage, readings
from flux_infra.policy.finding import Finding
from flux_infra.policy.gate import judge

from . import backups, compute, data, outside
from .change import Change
from .harmless import HARMLESS

MUTANTS = (*data.MUTANTS, *backups.MUTANTS, *compute.MUTANTS, *outside.MUTANTS)


def findings(change: Change, stacks: list[WrittenStack]) -> list[Finding]:
    """Return what the gate says of production with this one change."""
    return judge(readings(change.to(stacks)))


def main(folder: Path) -> int:
    """Print the score; return 1 if a weakening passes or a harmless change does not."""
    stacks = read_stage(folder)
    noticed = {mutant: bool(findings(mutant, stacks)) for mutant in MUTANTS}
    alarmed = [change for change in HARMLESS if findings(change, stacks)]
    total, caught = Counter(m.layer for m in MUTANTS), Counter(m.layer for m, found in noticed.items() if found)
    lines = [f"{'layer':<12} gate"]
    lines += [f"{layer:<12} {caught[layer]}/{count}" for layer, count in total.items()]
    lines.append(f"{'all':<12} {caught.total()}/{total.total()}")
    lines.append(f"false alarms {len(alarmed)}/{len(HARMLESS)} harmless changes")
    lines += [f"not noticed: {mutant.layer}: {mutant.what}" for mutant, found in noticed.items() if not found]
    lines += [f"false alarm: {change.layer}: {change.what}" for change in alarmed]
    sys.stdout.write("\n".join(lines) + "\n")
    return 0 if all(noticed.values()) and not alarmed else 1


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
