"""`python -m policy <folder>`: judge what `cdk synth` wrote. `python -m policy accept <folder>`: accept it.

What differs from the accepted surface is named by consequence, the worst first; then come the rules' violations.
Exit status: 0 nothing but harmless differences, 1 differences or violations, 2 nothing to judge.
"""

import argparse
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from .accepted import accept, from_accepted
from .assembly import AssemblyError, read_stages, readings
from .changes.consequence import Consequence
from .facts.surface import surface
from .gate import ALL_RULES, judge
from .model import WrittenStack
from .opt_outs import opt_outs

type Stages = Mapping[str, Sequence[WrittenStack]]


def main(arguments: Sequence[str] | None = None) -> int:
    """Print one line per difference and violation, then what was judged; return the exit status."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    raw = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(prog="python -m policy [accept]", description=__doc__, formatter_class=raw)
    parser.add_argument("folder", type=Path, help="what cdk synth wrote, like cdk.out, or one environment's part of it")
    accepting = given[:1] == ["accept"]
    options = parser.parse_args(given[1:] if accepting else given)
    try:
        stages = read_stages(options.folder)
    except AssemblyError as error:
        sys.stderr.write(f"policy: {error}\n")
        return 2
    return _accept(stages) if accepting else _judge(stages)


def _accept(stages: Stages) -> int:
    changed = accept({stage: surface(stacks) for stage, stacks in stages.items()})
    sys.stdout.write("".join(f"rewrote {file}\n" for file in changed) or "the accepted surface is as it was\n")
    return 0


def _judge(stages: Stages) -> int:
    rows, unaccepted = from_accepted({stage: surface(stacks) for stage, stacks in stages.items()})
    loud = [row for row in rows if row.consequence is not Consequence.HARMLESS]
    environments = [environment for stacks in stages.values() for environment in readings(stacks)]
    findings = judge(environments)
    opted_out = sorted({(e.name, name, reason) for e in environments for name, reason in opt_outs(e.config).items()})
    lines = [str(told) for told in (*loud, *findings)]
    lines += [
        f"{name}: has no accepted surface, so only rules judge it; review what it is made of, then `make accept`"
        for name in unaccepted
    ]
    lines += [f"opted out: {environment}: {safeguard}: {reason}" for environment, safeguard, reason in opted_out]
    lines.append(
        f"policy: {len(loud)} differences from the accepted surface and {len(rows) - len(loud)} harmless ones, "
        f"{len(findings)} violations of {len(ALL_RULES)} rules, in {', '.join(stages)}"
    )
    sys.stdout.write("\n".join(lines) + "\n")
    return 1 if findings or loud else 0


if __name__ == "__main__":
    sys.exit(main())
