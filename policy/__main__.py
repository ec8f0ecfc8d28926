"""`python -m policy <folder>`: judge what `cdk synth` wrote. `python -m policy accept <folder>`: accept it.

Exit status: 0 nothing found, 1 violations, 2 nothing to judge.
"""

import argparse
import json
import sys
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from .accepted import accept
from .assembly import AssemblyError, read_environments, read_stages
from .facts.surface import surface
from .gate import ALL_RULES, exemptions, judge


def main(arguments: Sequence[str] | None = None) -> int:
    """Print one line per violation, then what was judged; return the exit status."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    parser = argparse.ArgumentParser(prog="python -m policy [accept]", description=__doc__)
    parser.add_argument("folder", type=Path, help="what cdk synth wrote, like cdk.out")
    parser.add_argument("--json", action="store_true", help="print one JSON document instead of lines")
    accepting = given[:1] == ["accept"]
    options = parser.parse_args(given[1:] if accepting else given)
    try:
        return _accept(options.folder) if accepting else _judge(options.folder, as_json=options.json)
    except AssemblyError as error:
        sys.stderr.write(f"policy: {error}\n")
        return 2


def _accept(folder: Path) -> int:
    changed = accept({stage: surface(stacks) for stage, stacks in read_stages(folder).items()})
    sys.stdout.write("".join(f"rewrote {file}\n" for file in changed) or "the accepted surface is as it was\n")
    return 0


def _judge(folder: Path, *, as_json: bool) -> int:
    environments = list(read_environments(folder))
    findings = judge(environments)
    opted_out = sorted({(e.environment, e.safeguard, e.reason) for e in exemptions(environments)})
    if as_json:
        document = {
            "environments": sorted({environment.name for environment in environments}),
            "rules": len(ALL_RULES),
            "violations": [asdict(finding) for finding in findings],
            "opt_outs": [dict(zip(("environment", "safeguard", "reason"), item, strict=True)) for item in opted_out],
        }
        sys.stdout.write(json.dumps(document, indent=1) + "\n")
        return 1 if findings else 0
    lines = [str(finding) for finding in findings]
    lines += [f"opted out: {environment}: {safeguard}: {reason}" for environment, safeguard, reason in opted_out]
    names = ", ".join(sorted({environment.name for environment in environments}))
    lines.append(f"policy: {len(findings)} violations of {len(ALL_RULES)} rules in {names}")
    sys.stdout.write("\n".join(lines) + "\n")
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main())
