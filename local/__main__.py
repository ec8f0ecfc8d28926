"""AWS on this machine: `python -m local up|down|status`, which the Makefile calls."""

import argparse
import signal
import sys

from . import services
from .console import Explained, StepFailed, say
from .platform import Platform
from .up import up


def down() -> None:
    """Stop everything that `up` started and remove what it wrote."""
    was_running = services.running()
    services.stop()
    say("Flux is down; nothing of it runs or listens." if was_running else "Flux was not running; its files are gone.")


def status() -> None:
    """Say what runs, and where."""
    if not services.running():
        say("Flux is not running. 'make up' starts it.")
        return
    for daemon in (services.AWS, services.SQUARE):
        process = daemon.process()
        say(f"{daemon.name:<8} pid {process.pid if process else '-'}   log {daemon.log}")
    for name, value in sorted(Platform.deployed().outputs.items()):
        say(f"  {name:<36} {value}")


COMMANDS = {"up": up, "down": down, "status": status}


def main() -> int:
    """Run one command; 0 when it did what it says, 1 after an explained failure."""
    parser = argparse.ArgumentParser(
        prog="python -m local",
        description="The whole Flux platform on this machine: no Docker, no AWS account, loopback only.",
    )
    commands = parser.add_subparsers(dest="command", required=True)
    for name, command in COMMANDS.items():
        commands.add_parser(name, help=(command.__doc__ or "").splitlines()[0])
    # Asked to end (a closed terminal, a cancelled job), a command cleans up as after a failure.
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda received, _: sys.exit(128 + received))
    try:
        COMMANDS[parser.parse_args().command]()
    except Explained:
        return 1
    except StepFailed as failure:
        say(f"FAILED: {failure.why}\n  what to do: {failure.remedy}")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
