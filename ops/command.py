"""The command line of `./flux`, and what becomes of its errors."""

import argparse
import os
import sys
from io import TextIOWrapper

from botocore.exceptions import BotoCoreError, ClientError

from .aws import explain
from .client_settings import SettingError, is_of_the_client
from .errors import OpsError, OutputError
from .verbs import (
    cost,
    dashboard,
    datadog,
    doctor,
    gameday,
    open_restaurant,
    page,
    password_link,
    redrive,
    restore_drill,
    rollback,
    site,
    square,
    status,
)

EXAMPLES = """\
examples:
  ./flux doctor --env prod           what the account lacks, before a first deployment and at any time
  ./flux status --env prod           what is live, the last deployments, firing alarms
  ./flux page --env prod --open      the same and objectives, sales, queues, traffic, as one page to look at
  ./flux dashboard --env prod        what CloudWatch shows of it, as a picture
  ./flux rollback api --env prod     shows what will change, then asks
  ./flux site publish --env dev      publish what 'make build' has built

'./flux VERB --help' says more.
"""


def command_line() -> argparse.ArgumentParser:
    """The command line with every verb."""
    parser = argparse.ArgumentParser(
        prog="flux",
        description="Operate a Flux environment.",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    verbs = parser.add_subparsers(dest="verb", metavar="VERB", required=True)
    for verb in (
        doctor,
        status,
        page,
        dashboard,
        rollback,
        redrive,
        site,
        open_restaurant,
        password_link,
        restore_drill,
        square,
        gameday,
        cost,
        datadog,
    ):
        verb.add(verbs)
    return parser


def main(arguments: list[str] | None = None) -> int:
    """Run one verb; 0 if it did what it says, 1 if not, with the reason and the remedy on standard error."""
    _show_anything()
    asked = command_line().parse_args(arguments)
    try:
        return int(asked.run(asked))
    except OutputError as error:
        sys.stderr.write(f"flux: {error}\n")
        _end_output()
    except OpsError as error:
        sys.stderr.write(f"flux: {error}\n")
    except (BotoCoreError, ClientError) as error:
        sys.stderr.write(f"flux: {explain(error, environment=asked.env)}\n")
    except KeyboardInterrupt:
        sys.stderr.write(f"flux: interrupted\n  what to do: see what was done with ./flux status --env {asked.env}\n")
    except BrokenPipeError:  # whoever read the output has seen enough
        _end_output()
    except ValueError as error:
        if not is_of_the_client(error):
            raise
        sys.stderr.write(f"flux: {SettingError(error)}\n")
    return 1


def _show_anything() -> None:
    """Show in escapes what a terminal has no letters for, like a file's name: it must not end what a command does."""
    for stream in (sys.stdin, sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def _end_output() -> None:
    """Send nowhere what is still to be written: Python would try again in the end, and show a traceback."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
