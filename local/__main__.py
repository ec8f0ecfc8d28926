"""AWS on this machine: `python -m local up|dev|down|status`, which the Makefile calls."""

import argparse
import sys

from . import services
from .console import Explained, Interrupted, StepFailed, catch_signals, explain, say
from .dev import dev
from .preflight import AnotherCheckoutRunsError, require_free_ports
from .status import status
from .up import up


def down() -> None:
    """Stop everything that `up` started and remove what it wrote."""
    found = services.running() or services.orphans()
    services.stop()
    if found:
        try:
            require_free_ports()  # looked at before it is said
        except AnotherCheckoutRunsError as other:
            say(f"Flux is down here. Since then {other.why}: {other.remedy}")
            return
    say("Flux is down; nothing of it runs or listens." if found else "Flux was not running; its files are gone.")


def main() -> int:
    """Run one command; 0 when it did what it says, 1 after an explained failure."""
    parser = argparse.ArgumentParser(
        prog="python -m local",
        description="The whole Flux platform on this machine: no Docker, no AWS account, loopback only.",
    )
    commands = parser.add_subparsers(dest="command", required=True)
    for command in (up, dev, down, status):
        added = commands.add_parser(command.__name__, help=(command.__doc__ or "").splitlines()[0])
    added.add_argument("--outputs", action="store_true", help="the outputs of the stacks too")
    arguments = parser.parse_args()
    catch_signals()
    try:
        match arguments.command:
            case "up":
                up()
            case "dev":
                dev()
            case "down":
                down()
            case _:
                status(outputs=arguments.outputs)
    except Interrupted as interrupted:
        return interrupted.end()
    except Explained:
        return 1
    except StepFailed as failure:
        explain(failure, f"make {arguments.command}")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
