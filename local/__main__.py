"""AWS on this machine: `python -m local up|dev|down|status`, which the Makefile calls."""

import argparse
import sys
from collections.abc import Sequence

from . import services
from .console import Explained, Interrupted, StepFailed, catch_signals, explain, say
from .dev import dev
from .preflight import StrangerListensError, require_free_ports
from .status import status
from .turn import TURN, NotYourTurn
from .up import up


def down() -> None:
    """Stop everything that `up` started and remove what it wrote; an `up` or `dev` under way is ended first."""
    found = services.remains()
    services.stop()
    done = "Flux is down here" if found else "Flux was not running here; its files are gone"
    try:
        require_free_ports()  # looked at before it is said
    except StrangerListensError as stranger:
        say(f"{done}. But {stranger.why}: {stranger.remedy}")
        return
    say("Flux is down; nothing of it runs or listens." if found else f"{done}.")


def main(words: Sequence[str] | None = None) -> int:
    """Run one command; 0 when it did what it says, 1 after an explained failure."""
    parser = argparse.ArgumentParser(
        prog="python -m local",
        description="The whole Flux platform on this machine: no Docker, no AWS account, loopback only.",
    )
    parser.set_defaults(outputs=False)
    commands = parser.add_subparsers(dest="command", required=True)
    for each in (up, dev, down, status):
        added = commands.add_parser(each.__name__, help=(each.__doc__ or "").splitlines()[0])
    added.add_argument("--outputs", action="store_true", help="the outputs of the stacks too")
    arguments = parser.parse_args(words)
    catch_signals()
    try:
        run(arguments.command, outputs=arguments.outputs)
    except Interrupted as interrupted:
        return interrupted.end()
    except Explained:
        return 1
    return 0


def run(name: str, *, outputs: bool) -> None:
    """Run one command when its turn has come; looking needs no turn.

    Raises:
        Explained: it did not do what it says.
    """
    command = f"make {name}"
    try:
        if name == "status":
            status(outputs=outputs)
            return
        if name == "down":
            TURN.end_holder(("make up", "make dev"))
        with TURN.take(command):
            {"up": up, "dev": dev, "down": down}[name]()
    except NotYourTurn as refused:
        say(f"{command}: {refused.why}: {refused.remedy}.")
        raise Explained from refused
    except StepFailed as failure:
        explain(failure, command)
        raise Explained from failure


if __name__ == "__main__":
    sys.exit(main())
