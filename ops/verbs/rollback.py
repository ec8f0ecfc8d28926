"""`./flux rollback`: roll one layer back."""

import argparse
import json
import re
from dataclasses import asdict
from datetime import datetime

from ..aws import connect, find_environment
from ..console import Console, Verbs, add_verb, words
from ..database import NotAllowedError
from ..errors import OpsError
from ..layers import ROLLED_BACK, plan
from ..plan import Change
from ..reads import Json

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
  ./flux rollback api --env prod --plan              shows what would change, and ends
  ./flux rollback api --env prod --to 41 --yes
  ./flux rollback api --env prod --ignore-alarms 'the alarm is this release failing'

Nothing is changed before you confirm. Afterwards it says what to do next: until then the next 'cdk diff' shows the
rollback (the site's release is in no template, so 'cdk diff' has nothing to say about it).
"""

# Never read as "none was given": what is live would move to a place that nobody named.
IDENTIFIER = words("give an id, or leave --to out to go back to the one before")


def add(verbs: Verbs) -> None:
    """Teach the command line."""
    verb = add_verb(verbs, "rollback", purpose="roll one layer back", examples=EXAMPLES, run=run)
    verb.add_argument("layer", choices=ROLLED_BACK, help="what to roll back")
    verb.add_argument(
        "--to", type=IDENTIFIER, metavar="ID", help="version, release, endpoint configuration or revision"
    )
    verb.add_argument("--plan", action="store_true", help="show what would change and change nothing")
    verb.add_argument(
        "--planned",
        type=_planned,
        default="",
        metavar="PLAN",
        help="go on only if this is still the plan, as --plan --json told it",
    )
    verb.add_argument(
        "--ignore-alarms",
        type=words("say why the alarm does not matter"),
        metavar="REASON",
        help="go on although an alarm is firing, and keep why",
    )


def _planned(text: str) -> str:
    if text and re.fullmatch(r".+: .+ -> .+", text) is None:
        raise argparse.ArgumentTypeError(f"{text!r}: give 'planned' as --plan --json printed it")
    return text


def run(arguments: argparse.Namespace) -> int:
    """Roll it back."""
    console = Console.of(arguments)
    aws = connect(find_environment(arguments.env))
    console.heading(aws)
    try:
        rollback = plan(aws, arguments.layer, to=arguments.to, ignored=arguments.ignore_alarms or "")
    except NotAllowedError as error:
        if not arguments.plan:
            raise
        # Whoever only sees is told so, and whoever acts sees the plan then.
        console.echo(f"  {error}")
        console.result(changes=[], planned="")
        return 0
    for line in (line for change in rollback.changes for line in change.lines()):
        console.echo(line)
    changes = [_document(change) for change in rollback.changes]
    if arguments.plan:
        console.echo("\nNothing was changed: --plan only shows what would be.")
        console.result(changes=[*changes], planned=rollback.planned)
        return 0
    if arguments.planned not in ("", rollback.planned):
        raise OpsError(
            f"rollback {arguments.layer}: the plan was '{arguments.planned}', and is '{rollback.planned}' now",
            remedy="something was deployed or rolled back in between; look at the new plan, and decide again",
        )
    if not console.confirm(aws.config.name, f"roll back {arguments.layer}"):
        return 1
    console.echo("\nRolling back ...")
    verified = rollback.act()
    for line in verified:
        console.echo(f"  {line}")
    console.echo(f"\nDone. Next: {rollback.next_step}")
    console.result(changes=[*changes], verified=[*verified], next=rollback.next_step)
    return 0


def _document(change: Change) -> Json:
    """The change as a program reads it; times in ISO 8601."""
    document: Json = json.loads(json.dumps(asdict(change), default=datetime.isoformat))
    return document
