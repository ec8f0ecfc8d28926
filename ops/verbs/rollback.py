"""`./flux rollback`: roll one layer back."""

import argparse
from dataclasses import asdict

from ..aws import connect, find_environment
from ..console import Console, Verbs, add_verb
from ..layers import ROLLED_BACK, plan

EXAMPLES = """\
layers, and what they go back to when --to is not given:
  api, webhook,      the function's alias 'live', to the version before the last release, which the gate tries first
  authorizer
  sync, forecast     the same for one worker; 'workers' is those of the two that the last release changed
  site               the release that was live before this one; one write
  model              the endpoint, to the configuration before this one
  database           the schema, one revision; refused where undoing it would lose data

examples:
  ./flux rollback api --env prod                     shows what will change, then asks
  ./flux rollback api --env prod --to 41 --yes
  ./flux rollback api --env prod --ignore-alarms 'the alarm is this release failing'

Nothing is changed before you confirm. Afterwards it says what to do next: until then the next 'cdk diff' shows the
rollback (the site's release is in no template, so 'cdk diff' has nothing to say about it).
"""


def add(verbs: Verbs) -> None:
    """Teach the command line."""
    verb = add_verb(verbs, "rollback", purpose="roll one layer back", examples=EXAMPLES, run=run)
    verb.add_argument("layer", choices=ROLLED_BACK, help="what to roll back")
    verb.add_argument("--to", metavar="ID", help="version, release, endpoint configuration or revision")
    verb.add_argument(
        "--ignore-alarms", default="", metavar="REASON", help="go on although an alarm is firing, and keep why"
    )


def run(arguments: argparse.Namespace) -> int:
    """Roll it back."""
    console = Console.of(arguments)
    aws = connect(find_environment(arguments.env))
    rollback = plan(aws, arguments.layer, to=arguments.to, ignored=arguments.ignore_alarms)
    console.heading(aws)
    for change in rollback.changes:
        console.echo(f"  {change.what}\n    {change.current} -> {change.target}")
        if change.note:
            console.echo(f"    {change.note}")
    if not console.confirm(aws.config.name, f"roll back {arguments.layer}"):
        return 1
    console.echo("\nRolling back ...")
    changes = [asdict(change) for change in rollback.changes]
    verified = rollback.act()
    for line in verified:
        console.echo(f"  {line}")
    console.echo(f"\nDone. Next: {rollback.next_step}")
    console.result(changes=[*changes], verified=[*verified], next=rollback.next_step)
    return 0
