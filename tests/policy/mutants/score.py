"""`make policy-mutants`: how many weakenings of production our rules and each scanner notice, layer by layer.

All of them must be noticed by our rules. The scanners' columns say what they would be worth alone.
"""

import sys
from collections import Counter
from pathlib import Path

from policy.assembly import WrittenStack, read_stage, readings
from policy.finding import Finding
from policy.gate import judge, violations

from . import access, alarms, backups, compute, data, edge, nearly, network, outside, rotation, state, whole
from .change import Change
from .harmless import HARMLESS
from .scanners import TOOLS, noticed

MUTANTS = (
    *(*network.MUTANTS, *data.MUTANTS, *state.MUTANTS, *backups.MUTANTS),
    *(*access.MUTANTS, *compute.MUTANTS, *outside.MUTANTS, *edge.MUTANTS, *rotation.MUTANTS),
    *(*alarms.MUTANTS, *whole.MUTANTS, *nearly.MUTANTS),
)


def is_noticed(mutant: Change, stacks: list[WrittenStack]) -> bool:
    """Whether the gate says anything of production with this one change. One finding is enough to know."""
    return next(violations(readings(mutant.to(stacks))), None) is not None


def findings(change: Change, stacks: list[WrittenStack]) -> list[Finding]:
    """Return what the gate says of production with this one change."""
    return judge(readings(change.to(stacks)))


def main(folder: Path) -> int:
    """Print the score; return 1 if a weakening passes or a harmless change does not."""
    stacks = read_stage(folder)
    sys.stderr.write(f"our rules read {len(MUTANTS)} mutants ...\n")
    by_tool = {"ours": {mutant for mutant in MUTANTS if is_noticed(mutant, stacks)}, **noticed(MUTANTS, stacks)}
    by_tool["any scanner"] = set().union(*(by_tool[tool] for tool in TOOLS))
    missed = [mutant for mutant in MUTANTS if mutant not in by_tool["ours"]]
    alarmed = [change for change in HARMLESS if findings(change, stacks)]
    total = Counter(mutant.layer for mutant in MUTANTS)
    lines = [f"{'layer':<12}{'mutants':>12}" + "".join(f"{tool:>12}" for tool in by_tool)]
    for layer, count in (*total.items(), ("all", total.total())):
        row = (sum(layer in ("all", mutant.layer) for mutant in caught) for caught in by_tool.values())
        lines.append(f"{layer:<12}{count:>12}" + "".join(f"{number:>12}" for number in row))
    lines.append(f"false alarms {len(alarmed)}/{len(HARMLESS)} harmless changes")
    lines += [f"not noticed: {mutant.layer}: {mutant.what}" for mutant in missed]
    lines += [f"false alarm: {change.layer}: {change.what}" for change in alarmed]
    sys.stdout.write("\n".join(lines) + "\n")
    return 0 if not missed and not alarmed else 1


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
