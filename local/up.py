"""`make up`: deploy the whole platform to AWS on this machine, push sales through it, and print what came out."""

import subprocess
import sys

from flux_infra.constructs.names import LAYERS
from ops.site import built_site

from . import machine, services
from .console import StepFailed, say, step
from .demo import open_restaurants
from .deployment_progress import DeploymentProgress
from .platform import Platform
from .preflight import require_free_ports, require_machine
from .proof.run import prove
from .status import say_where
from .toolkit import Assembly


def up() -> None:
    """Bring the platform up, or up to date; on any failure leave nothing running.

    Raises:
        Explained: what went wrong was told.
    """
    say(f"Flux on this machine; to look at, as soon as AWS runs here: {machine.PAGE_URL}/\n")
    try:
        platform = deploy()
        prove(platform)
    except BaseException:
        services.stop()
        say("\nWhat this checkout had started is stopped.")
        raise
    say("\nFlux is up.")
    say_where(platform)
    say("'make dev' brings what you edit to it at once; 'make down' stops and cleans it.")


def deploy() -> Platform:
    """Build and deploy every stack, starting AWS on this machine if need be, and open the demo restaurants."""
    running = services.running()
    with step("looking at this machine"):
        require_machine()
        if not running:
            services.stop()
            require_free_ports()
    build()
    with step("synthesizing the stacks"):
        assembly = Assembly.synthesize(machine.ASSEMBLY)
    if not running:
        with step("starting AWS and Square on this machine"):
            services.start()
        with step("bootstrapping the account"):
            assembly.bootstrap()
    with step("deploying seven stacks") as deploying:
        assembly.deploy(heard=DeploymentProgress(deploying, stacks=len(LAYERS)).read)
        platform = Platform.deployed()
    with step("publishing the site"):
        platform.site.publish(built_site())
    with step("opening two demo restaurants"):
        open_restaurants(platform)
    return platform


def build(*options: str) -> None:
    """`make build`, or a part of it; it prints what it builds.

    Raises:
        StepFailed: it said why.
    """
    finished = subprocess.run([sys.executable, "-m", "build", *options], cwd=machine.ROOT, check=False)
    if finished.returncode != 0:
        raise StepFailed("the build failed, for the reason above", remedy="correct it")
