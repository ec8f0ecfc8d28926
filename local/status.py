"""`make status`: where the platform is, who may sign in, whether it answers, and what is live."""

from flux_infra.environments import LOCAL
from ops import report
from ops.aws import connect
from ops.errors import OpsError
from ops.status import read_status

from . import machine, services
from .console import StepFailed, say
from .demo import password_of
from .platform import Platform
from .preflight import require_free_ports
from .till import RESTAURANTS
from .turn import TURN


def status(*, outputs: bool) -> None:
    """Say where the platform is, who may sign in, whether it answers, and what is live.

    Raises:
        StepFailed: a part of it was killed, another one has its ports, or AWS does not answer as it should.
    """
    holder = TURN.holder()
    if holder:
        say(f"{holder} is under way.")
    try:
        platform = _deployed()
    except StepFailed:
        if holder is None:
            raise
        _say_processes()  # half started or half stopped is no failure while somebody is at it
        return
    if platform is None:
        say("Flux is not running." if holder else "Flux is not running. 'make up' starts it.")
        return
    say_where(platform)
    _say_processes()
    try:
        found = read_status(connect(LOCAL), deployments=1)
    except OpsError as error:
        raise StepFailed(error.why, remedy=error.remedy) from error
    say(f"\n{report.as_text(found, outputs=outputs)}")


def _deployed() -> Platform | None:
    """The platform, or None when nothing of it runs."""
    if services.running():
        return Platform.deployed()
    services.require_whole()
    require_free_ports()  # or it is another checkout's platform that runs
    return None


def _say_processes() -> None:
    for daemon in services.DAEMONS:
        process = daemon.process()
        say(f"  {daemon.name:<7}pid {process.pid if process else '-'}, log {daemon.log}")


def say_where(platform: Platform) -> None:
    """Print the addresses and the demo owners' logins."""
    say(f"  page   {machine.PAGE_URL}/")
    say(f"  site   {platform.site_url}/")
    say(f"  api    {platform.site_url}/api/v1/health")
    say(f"  AWS    {machine.AWS_URL}")
    for restaurant in RESTAURANTS:
        say(f"  owner  {restaurant.owner_email}   password  {password_of(restaurant)}")
