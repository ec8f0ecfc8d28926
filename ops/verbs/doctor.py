"""`./flux doctor`: what an environment needs of its account, and what is missing there."""

import argparse

from ..aws import connect, find_environment
from ..console import Console, Verbs, add_verb
from ..doctor.account import Account
from ..doctor.examination import examine
from ..doctor.report import as_text, stops

EXAMPLES = """\
what it does:
  reads the account and compares it with flux_infra/environments.py: bootstrap, zones, quotas, what RDS and ElastiCache
  offer, service-linked roles, hosted zone, backups, GitHub's trust, stacks, subscriptions, secrets. It changes nothing.

  ok              what is needed is there
  MISSING         a deployment, or the next release, would fail; with the command that mends it
  to do           nothing fails, but something does not work until it is done
  not known here  the account did not say: AWS on this machine has no such thing, or your role may not read it

It ends with 1 if something is MISSING, else with 0.

examples:
  ./flux doctor --env prod            before the first deployment, and at any time
  ./flux doctor --env prod --json     the same for a program
"""


def add(verbs: Verbs) -> None:
    """Teach the command line."""
    add_verb(
        verbs,
        "doctor",
        purpose="compare the account with what the environment needs",
        examples=EXAMPLES,
        run=run,
        changes=False,
    )


def run(arguments: argparse.Namespace) -> int:
    """Show it; 1 if something is missing that stops a deployment."""
    console = Console(json=arguments.json)
    aws = connect(find_environment(arguments.env))
    console.heading(aws)
    rows = examine(Account(aws))
    console.echo(as_text(rows))
    console.result(
        passed=not stops(rows),
        rows=[
            {
                "what": row.what,
                "needed": row.needed,
                "state": row.answer.state.value,
                "present": row.answer.present,
                "remedy": row.answer.remedy,
            }
            for row in rows
        ],
    )
    return 1 if stops(rows) else 0
