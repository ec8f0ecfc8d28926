"""`make up`: deploy the whole platform to AWS on this machine, push sales through it, and print what came out."""

from ops.site import built_site

from . import machine, services
from .console import say, step
from .demo import Demo
from .platform import Platform
from .proof.run import prove
from .toolkit import Assembly


def up() -> None:
    """Bring the platform up, or up to date; on any failure leave nothing running.

    Raises:
        Exception: what went wrong, after it was explained.
    """
    say("Flux on this machine\n")
    try:
        platform, demo = deploy()
        prove(platform, demo)
    except BaseException:
        services.stop()
        say("\nNothing was left running.")
        raise
    _welcome(platform, demo)


def deploy() -> tuple[Platform, Demo]:
    """Deploy every stack, starting AWS on this machine if need be, and open the demo restaurants."""
    with step("synthesizing the stacks"):
        assembly = Assembly.synthesize(machine.ASSEMBLY)
    if not services.running():
        with step("starting AWS and Square on this machine"):
            services.stop()
            services.start()
        with step("bootstrapping the account"):
            assembly.bootstrap()
    with step("deploying seven stacks"):
        assembly.deploy()
        platform = Platform.deployed()
    with step("publishing the site"):
        platform.site.publish(built_site())
    with step("opening two demo restaurants"):
        demo = Demo.open(platform)
    return platform, demo


def _welcome(platform: Platform, demo: Demo) -> None:
    say("\nFlux is up. Sign in as the owner of a demo restaurant:")
    say(f"  site   {platform.site_url}/")
    say(f"  api    {platform.site_url}/api/v1/health")
    for owner in demo.owners:
        say(f"  owner  {owner.email}   password  {owner.password}")
    say(f"  AWS    {machine.AWS_URL}   (logs: {services.AWS.log})")
    say("'make down' stops and cleans it.")
