"""`flux`: what operators do to a deployed environment. `python -m ops` is the same."""

import argparse
import signal
import sys
from collections.abc import Callable, Mapping

from botocore.exceptions import BotoCoreError, ClientError

from . import open_restaurant, report
from .ask import agreed, say
from .aws import connect, find_environment
from .errors import OpsError
from .layers import ROLLED_BACK, Wish, plan
from .restore import drill
from .restore import report as drill_report
from .status import read_status

STATUS_EXAMPLES = """\
examples:
  flux ops status --env prod             what is live, the last deployments, firing alarms
  flux ops status --env prod --json      the same for a program
"""

ROLLBACK_EXAMPLES = """\
what goes back, and to what when --to is not given:
  api, webhook,      the function's alias 'live', to the version before the last release, which the gate tries first
  authorizer
  sync, forecast     the same for one worker; 'workers' is those of the two that the last release changed
  site               the release that was live before this one; one write
  model              the endpoint, to the configuration before this one
  database           the schema, one revision; refused where undoing it would lose data

examples:
  flux ops rollback api --env prod                     shows what will change, then asks
  flux ops rollback api --env prod --to 41 --yes
  flux ops rollback api --env prod --ignore-alarms 'the alarm is this release failing'

Nothing is changed before you agree. Afterwards it says how code and state come together again: until then the next
'cdk diff' shows the rollback (the site's release is in no template, so 'cdk diff' has nothing to say about it).
"""

DRILL_EXAMPLES = """\
what it does:
  restores the latest backup as a new, private instance flux-<env>-drill-<date> beside the live database;
  lets the migrate function count rows in both, and compare each sampled restaurant's last sales;
  says how much a disaster now would have lost (recovery point) and how soon the backup answered (recovery time);
  deletes the new instance in the end, also after a failure or Ctrl-C. The live database is only read.

It ends with 0 if the backup is whole and the targets in flux_infra/environments.py (Backups) are met, else with 1.
On AWS it takes about as long as a restore, and costs one more instance of the same class for that time.

examples:
  flux ops restore-drill --env staging
  flux ops restore-drill --env prod --restaurants 100      compare more restaurants than the usual 25
  flux ops restore-drill --env local --backup-now          take a backup first; nothing schedules one on this machine
"""


def _parser() -> argparse.ArgumentParser:
    plain = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(
        prog="flux", description="Operate a deployed Flux environment.", epilog=STATUS_EXAMPLES, formatter_class=plain
    )
    ops = parser.add_subparsers(dest="area", required=True).add_parser("ops", help="look at it, change it, drill")
    commands = ops.add_subparsers(dest="command", required=True)
    status = commands.add_parser(
        "status", help="what is live in each layer", epilog=STATUS_EXAMPLES, formatter_class=plain
    )
    status.add_argument("--env", required=True, metavar="NAME", help="local, dev, staging, prod or pr-<number>")
    status.add_argument("--json", action="store_true", help="for a program")
    status.add_argument("--deployments", type=int, default=3, metavar="N", help="last deployments per function (3)")
    rollback = commands.add_parser(
        "rollback", help="take one layer back", epilog=ROLLBACK_EXAMPLES, formatter_class=plain
    )
    rollback.add_argument("layer", choices=ROLLED_BACK, help="what to take back")
    rollback.add_argument("--env", required=True, metavar="NAME", help="local, dev, staging, prod or pr-<number>")
    rollback.add_argument("--to", metavar="ID", help="version, release, endpoint configuration or revision")
    rollback.add_argument("--yes", action="store_true", help="do not ask")
    rollback.add_argument(
        "--ignore-alarms", default="", metavar="REASON", help="go on although an alarm is firing, and keep why"
    )
    open_restaurant.add_parser(commands)
    restore = commands.add_parser(
        "restore-drill",
        help="restore the latest backup beside the live database and compare",
        epilog=DRILL_EXAMPLES,
        formatter_class=plain,
    )
    restore.add_argument("--env", required=True, metavar="NAME", help="local, staging or prod")
    restore.add_argument("--backup-now", action="store_true", help="take a backup first, kept like the daily ones")
    restore.add_argument(
        "--restaurants",
        type=_sample,
        default=25,
        metavar="N",
        help="count rows of so many restaurants, 1 to 500 (25)",
    )
    return parser


def _sample(text: str) -> int:
    if not text.isdigit() or not 1 <= int(text) <= 500:
        raise argparse.ArgumentTypeError(f"{text!r}: give a number from 1 to 500")
    return int(text)


def _status(arguments: argparse.Namespace) -> int:
    status = read_status(connect(find_environment(arguments.env)), deployments=arguments.deployments)
    say(report.as_json(status) if arguments.json else report.as_text(status))
    return 0


def _rollback(arguments: argparse.Namespace) -> int:
    aws = connect(find_environment(arguments.env))
    wish = Wish(layer=arguments.layer, to=arguments.to, ignored=arguments.ignore_alarms)
    rollback = plan(aws, wish)
    say(f"Flux {aws.config.name}, account {aws.config.account}, as {aws.operator}\n")
    for change in rollback.changes:
        say(
            f"  {change.what}\n    {change.current} -> {change.target}"
            + (f"\n    {change.note}" if change.note else "")
        )
    if not arguments.yes and not agreed(aws.config.name, "go back"):
        say("Nothing was changed.")
        return 1
    say("\nGoing back ...")
    for line in rollback.act():
        say(f"  {line}")
    say(f"\nDone. Next: {rollback.reunion}")
    return 0


def _restore_drill(arguments: argparse.Namespace) -> int:
    aws = connect(find_environment(arguments.env))
    say(f"Flux {aws.config.name}, account {aws.config.account}, as {aws.operator}\n")
    # Whoever ends it politely must not leave an instance behind.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    wish = drill.Wish(backup_now=arguments.backup_now, sample=arguments.restaurants)
    found = drill.run_drill(aws, wish, say=lambda line: say(f"  {line} ..."))
    say(f"\n{drill_report.as_text(found)}")
    return 0 if found.passed else 1


_COMMANDS: Mapping[str, Callable[[argparse.Namespace], int]] = {
    "status": _status,
    "rollback": _rollback,
    "open-restaurant": open_restaurant.run,
    "restore-drill": _restore_drill,
}


def main(arguments: list[str] | None = None) -> int:
    """Run one command; 0 if it did what it says, 1 if not, with the reason and the remedy on standard error."""
    asked = _parser().parse_args(arguments)
    try:
        return _COMMANDS[asked.command](asked)
    except OpsError as error:
        sys.stderr.write(f"flux: {error}\n")
    except (BotoCoreError, ClientError) as error:
        sys.stderr.write(
            f"flux: AWS refused: {error}\n  what to do: check your role's permissions and flux ops status\n"
        )
    except KeyboardInterrupt:
        sys.stderr.write("flux: interrupted\n")
    return 1


if __name__ == "__main__":
    sys.exit(main())
