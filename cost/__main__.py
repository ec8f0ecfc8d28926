"""Accept what the templates cost: `python -m cost accept FOLDER` rewrites cost/accepted.json; `make accept` does it."""

import sys
from collections.abc import Sequence
from pathlib import Path

from policy.assembly import AssemblyError, read_stages

from .accepted import ACCEPTED, estimates_of, written
from .prices import PriceError
from .traffic import TrafficError


def main(arguments: Sequence[str]) -> int:
    """Write the estimates; 1 with the reason where something cannot be estimated, 2 for another command line."""
    if len(arguments) != 2 or arguments[0] != "accept":
        sys.stderr.write("cost: give 'accept' and the folder that 'make synth' wrote, like: accept cdk.out\n")
        return 2
    try:
        estimates = estimates_of(read_stages(Path(arguments[1])))
    except (AssemblyError, PriceError, TrafficError) as error:
        sys.stderr.write(f"cost: {error.args[0]}\n")
        return 1
    ACCEPTED.write_text(written(estimates))
    sys.stdout.writelines(f"{one.environment}: {one.usd:,.2f} USD a month\n" for one in estimates)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
