"""`./flux status`: what is live in each layer of an environment."""

import argparse

from .. import report
from ..aws import connect, find_environment
from ..console import Console, Verbs, add_verb, number
from ..status import read_status

EXAMPLES = """\
examples:
  ./flux status --env prod               what is live, the last deployments, firing alarms
  ./flux status --env prod --outputs     the stacks' outputs too
  ./flux status --env prod --json        the same for a program
"""


def add(verbs: Verbs) -> None:
    """Teach the command line."""
    verb = add_verb(
        verbs, "status", purpose="show what is live in each layer", examples=EXAMPLES, run=run, changes=False
    )
    verb.add_argument(
        "--deployments", type=number(1, 100), default=3, metavar="N", help="last deployments per function (3)"
    )
    verb.add_argument("--outputs", action="store_true", help="also the outputs of every stack")


def run(arguments: argparse.Namespace) -> int:
    """Show it."""
    status = read_status(connect(find_environment(arguments.env)), deployments=arguments.deployments)
    Console().echo(report.as_json(status) if arguments.json else report.as_text(status, outputs=arguments.outputs))
    return 0
