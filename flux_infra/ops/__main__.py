"""`flux`: what operators do to a deployed environment. `python -m flux_infra.ops` is the same."""

import argparse
import sys

from botocore.exceptions import BotoCoreError, ClientError

from . import report
from .ask import agreed
from .aws import connect, find_environment
from .errors import OpsError
from .layers import ROLLED_BACK, Wish, plan
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


def _parser() -> argparse.ArgumentParser:
    plain = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(
        prog="flux", description="Operate a deployed Flux environment.", epilog=STATUS_EXAMPLES, formatter_class=plain
    )
    ops = parser.add_subparsers(dest="area", required=True).add_parser("ops", help="look at it, and take it back")
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
    return parser


def _status(arguments: argparse.Namespace) -> int:
    status = read_status(connect(find_environment(arguments.env)), deployments=arguments.deployments)
    _say(report.as_json(status) if arguments.json else report.as_text(status))
    return 0


def _rollback(arguments: argparse.Namespace) -> int:
    aws = connect(find_environment(arguments.env))
    wish = Wish(layer=arguments.layer, to=arguments.to, ignored=arguments.ignore_alarms)
    rollback = plan(aws, wish)
    _say(f"Flux {aws.config.name}, account {aws.config.account}, as {aws.operator}\n")
    for change in rollback.changes:
        _say(
            f"  {change.what}\n    {change.current} -> {change.target}"
            + (f"\n    {change.note}" if change.note else "")
        )
    if not arguments.yes and not agreed(aws.config.name):
        _say("Nothing was changed.")
        return 1
    _say("\nGoing back ...")
    for line in rollback.act():
        _say(f"  {line}")
    _say(f"\nDone. Next: {rollback.reunion}")
    return 0


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def main(arguments: list[str] | None = None) -> int:
    """Run one command; 0 if it did what it says, 1 if not, with the reason and the remedy on standard error."""
    asked = _parser().parse_args(arguments)
    try:
        return _status(asked) if asked.command == "status" else _rollback(asked)
    except OpsError as error:
        sys.stderr.write(f"flux: {error}\n")
    except (BotoCoreError, ClientError) as error:
        sys.stderr.write(
            f"flux: AWS refused: {error}\n  what to do: check your role's permissions and flux ops status\n"
        )
    return 1


if __name__ == "__main__":
    sys.exit(main())
