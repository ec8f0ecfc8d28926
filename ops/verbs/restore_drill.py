"""`./flux restore-drill`: restore the latest backup beside the live database, and compare the two."""

import argparse
import signal

from ..aws import connect, find_environment
from ..console import Console, Verbs, add_verb, number
from ..restore import drill

EXAMPLES = """\
what it does:
  restores the latest backup as a new, private instance flux-<env>-drill-<date> beside the live database;
  lets the migrate function count rows in both, and compare each sampled restaurant's last sales;
  says how much a disaster now would have lost (recovery point) and how soon the backup answered (recovery time);
  deletes the new instance in the end, also after a failure or Ctrl-C. The live database is only read.

It ends with 0 if the backup is whole and the targets in flux_infra/environments.py (Backups) are met, else with 1.
On AWS it takes about as long as a restore, and costs one more instance of the same class for that time.

examples:
  ./flux restore-drill --env staging
  ./flux restore-drill --env prod --restaurants 100      compare more restaurants than the usual 25
  ./flux restore-drill --env local --backup-now          take a backup first; nothing schedules one on this machine
"""


def add(verbs: Verbs) -> None:
    """Teach the command line."""
    verb = add_verb(
        verbs,
        "restore-drill",
        purpose="restore the latest backup beside the live database and compare",
        examples=EXAMPLES,
        run=run,
    )
    verb.add_argument("--backup-now", action="store_true", help="take a backup first, kept like the daily ones")
    verb.add_argument(
        "--restaurants",
        type=number(1, 500),
        default=25,
        metavar="N",
        help="count rows of so many restaurants, 1 to 500 (25)",
    )


def run(arguments: argparse.Namespace) -> int:
    """Drill; 0 if the backup is whole and the targets are met."""
    console = Console.of(arguments)
    aws = connect(find_environment(arguments.env))
    console.heading(aws)
    # A job that is cancelled must not leave an instance behind.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    options = drill.DrillOptions(backup_now=arguments.backup_now, sample=arguments.restaurants)
    found = drill.run_drill(aws, options, echo=lambda line: console.echo(f"  {line} ..."))
    console.echo(f"\n{drill.as_text(found)}")
    console.result(
        passed=found.passed,
        recovery_point_seconds=found.lost.total_seconds(),
        recovery_time_seconds=found.took.total_seconds(),
        checks=[{"check": check.what, "passed": check.passed, "found": check.found} for check in found.checks],
    )
    return 0 if found.passed else 1
