"""What `./flux gameday` calls: `python -m local.gameday`, on the platform that `make up` has started."""

import argparse
import json
import sys
from collections.abc import Collection
from contextlib import nullcontext, redirect_stdout
from dataclasses import asdict

from ..console import Interrupted, StepFailed, catch_signals, explain, say
from ..platform import Platform
from ..turn import TURN
from .day import Outcome, game_day
from .incidents import INCIDENTS, SHIFTS

COMMAND = "./flux gameday"


def show_incidents() -> None:
    """Say which there are."""
    for incident in INCIDENTS:
        alarm = f"{incident.alarm.severity} {incident.alarm.name}" if incident.alarm else "nobody is told"
        say(f"{incident.name:18}{alarm:32}{incident.what}")


def gameday(names: Collection[str], *, as_json: bool) -> None:
    """Hold a game day of the incidents with these names, or of all; prints what became of each.

    Raises:
        StepFailed: there is no such incident, no platform, or an incident did not go as it should.
    """
    unknown = set(names) - {incident.name for incident in INCIDENTS}
    if unknown:
        raise StepFailed(
            f"no incident {', '.join(sorted(unknown))}", remedy="'./flux gameday --list' shows those that there are"
        )
    outcomes: list[Outcome] = []
    # Standard output is the document's, if one was asked for.
    with redirect_stdout(sys.stderr) if as_json else nullcontext(), game_day(Platform.deployed()) as day:
        for shift in SHIFTS:
            if asked := [incident for incident in shift if not names or incident.name in names]:
                outcomes += day.hold(asked)
    if as_json:
        say(json.dumps([asdict(outcome) for outcome in outcomes]))
        return
    for outcome in outcomes:
        told = ", ".join(f"{told.severity} {told.alarm} after {told.after:.0f} s" for told in outcome.told)
        say(f"\n{outcome.what}")
        say(f"  told: {told or 'nobody'}")
        say(f"  ended by: {'; '.join(outcome.commands) or 'itself'}; well {outcome.well:.0f} s later")
        say(f"  {outcome.failed} of {outcome.read} requests of owners failed")


def main() -> int:
    """Run it; 0 when every incident went as it should, 1 after an explained failure."""
    parser = argparse.ArgumentParser(prog=COMMAND)
    parser.add_argument("--list", action="store_true")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("incidents", nargs="*")
    arguments = parser.parse_args()
    catch_signals()
    try:
        if arguments.list:
            show_incidents()
        else:
            with TURN.take(COMMAND):
                gameday(arguments.incidents, as_json=arguments.json)
    except Interrupted as interrupted:
        return interrupted.end()
    except StepFailed as failure:
        explain(failure, COMMAND)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
