"""`python -m policy <folder>`: judge what `cdk synth` wrote.

Exit status: 0 nothing found, 1 violations, 2 nothing to judge.
"""

import argparse
import json
import sys
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from .assembly import AssemblyError, read_environments
from .gate import ALL_RULES, exemptions, judge


def main(arguments: Sequence[str] | None = None) -> int:
    """Print one line per violation, then what was judged; return the exit status."""
    parser = argparse.ArgumentParser(prog="python -m policy", description="Judge synthesized templates.")
    parser.add_argument("folder", type=Path, help="what cdk synth wrote, like cdk.out")
    parser.add_argument("--json", action="store_true", help="print one JSON document instead of lines")
    options = parser.parse_args(arguments)
    try:
        environments = list(read_environments(options.folder))
    except AssemblyError as error:
        sys.stderr.write(f"policy: {error}\n")
        return 2
    findings = judge(environments)
    opted_out = sorted({(e.environment, e.safeguard, e.reason) for e in exemptions(environments)})
    if options.json:
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
