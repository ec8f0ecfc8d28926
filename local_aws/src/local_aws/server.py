"""AWS on this machine: `python -m local_aws.server`, in the emulator's own environment.

Starts ministack with the overlay on 127.0.0.1 and runs until SIGTERM or SIGINT; everything it started ends with it.
Settings: settings.py. Exit status: 0 after a signal, 2 if it refuses to start (the reason is on standard error).
"""

import asyncio
import logging
import os
import signal
import sys

from .expectations import OverlayError, check_version
from .parts import install_all
from .settings import ACCOUNT, HOST, REGION, Settings, settings
from .shutdown import shut_down

_REFUSED = 2


def configure_ministack(told: Settings) -> None:
    """Set the environment that ministack reads while it is imported, and nothing of the caller's that concerns AWS."""
    for name in [name for name in os.environ if name.startswith(("AWS_", "MINISTACK_"))]:
        del os.environ[name]
    scratch = told.state / "tmp"
    scratch.mkdir(parents=True, exist_ok=True)
    os.environ.update(
        GATEWAY_PORT=str(told.port),
        BIND_HOST=HOST,
        MINISTACK_HOST="localhost",  # what it calls itself: browsers find every name below localhost on this machine
        MINISTACK_REGION=REGION,
        MINISTACK_ACCOUNT_ID=ACCOUNT,
        LAMBDA_EXECUTOR="local",
        DOCKER_HOST=f"unix://{told.state}/no-docker",  # never start containers, even where there is a Docker
        # Listeners of services that Flux does not use; MQTT would listen on every interface.
        IOT_MTLS_ENABLED="0",
        SFTP_ENABLED="0",
        # ministack leaves folders behind; below the state folder they go when it goes.
        TMPDIR=str(scratch),
    )


async def _serve(told: Settings) -> None:
    """Serve until a signal comes, then let running requests finish."""
    # Imported here, because ministack reads its environment while it is imported.
    from hypercorn.asyncio import serve  # noqa: PLC0415
    from hypercorn.config import Config  # noqa: PLC0415
    from ministack.app import app  # noqa: PLC0415

    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    config = Config()
    config.bind = [f"{HOST}:{told.port}"]
    config.keep_alive_timeout = 75  # as ministack's own start has it
    await serve(app, config, shutdown_trigger=stop.wait)


def main() -> int:
    """Run AWS on this machine; answers the process's exit status."""
    try:
        check_version()
        told = settings()
        configure_ministack(told)
        install_all()
    except OverlayError as error:
        sys.stderr.write(f"{error}\n")
        shut_down()
        return _REFUSED
    try:
        # Not asyncio.run, which would wait for threads of ministack before anything that they wait for is stopped.
        asyncio.new_event_loop().run_until_complete(_serve(told))
    finally:
        shut_down()
    return 0


if __name__ == "__main__":
    status = main()
    logging.shutdown()
    sys.stderr.flush()
    # Some threads of ministack wait for what will not come any more, like the answer of a custom resource for an hour.
    os._exit(status)
