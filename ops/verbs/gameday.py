"""`./flux gameday`: let things go wrong on this machine's platform, and see who is told and what ends it."""

import argparse
import subprocess
import sys

from ..aws import CHECKOUT, connect, find_environment
from ..console import Verbs, add_verb
from ..errors import OpsError

EXAMPLES = """\
examples:
  ./flux gameday                     every incident, one after the other: about an hour
  ./flux gameday database-hangs      this one: two minutes
  ./flux gameday --list              which there are, and who must be told of each

Owners look and tills sell meanwhile. Each incident happens, the alarm is awaited on the topics that on-call hears, and
the runbook's commands are run as they stand there. docs/gameday.md shows the last whole day.

It happens to the environment 'local' alone (make up).
"""


def add(verbs: Verbs) -> None:
    """Teach the command line."""
    verb = add_verb(
        verbs,
        "gameday",
        purpose="let things go wrong on this machine, and see who is told and what ends it",
        examples=EXAMPLES,
        run=run,
        environment="local",
    )
    verb.add_argument("incidents", nargs="*", metavar="INCIDENT", help="only these; all without")
    verb.add_argument("--list", action="store_true", help="show the incidents and do nothing")


def run(arguments: argparse.Namespace) -> int:
    """Hand over to what drives this machine's platform.

    Raises:
        OpsError: it is not for this machine.
    """
    config = find_environment(arguments.env)
    if config.name != "local":
        raise OpsError(
            f"--env {config.name}: restaurants depend on it", remedy="a game day is held in local alone (make up)"
        )
    if not arguments.list:
        connect(config)  # another checkout's platform is at the same address
    flags = [*(["--list"] if arguments.list else []), *(["--json"] if arguments.json else [])]
    command = [sys.executable, "-m", "local.gameday", *flags, *arguments.incidents]
    return subprocess.call(command, cwd=CHECKOUT)  # noqa: S603 - our own program
