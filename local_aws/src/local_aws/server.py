"""Starts ministack with its patches, and serves until a signal comes."""

import asyncio
import os
import signal
import socket
import sys
from collections.abc import Sequence
from dataclasses import replace

from .expectations import StartError, check_version
from .patches import install_all
from .settings import ACCOUNT, HOST, REGION, Settings, parse, use
from .shutdown import shut_down


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
        # Listeners of services that nothing here tests; MQTT would listen on every interface.
        IOT_MTLS_ENABLED="0",
        SFTP_ENABLED="0",
        # ministack leaves folders behind; below the state folder they go when it goes.
        TMPDIR=str(scratch),
    )


async def _serve(listener: socket.socket, url: str) -> None:
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
    config.bind = [f"fd://{listener.detach()}"]
    config.keep_alive_timeout = 75  # as ministack's own start has it
    sys.stdout.write(f"{url}\n")  # the port is open already; what comes before the first answer waits in its queue
    sys.stdout.flush()
    await serve(app, config, shutdown_trigger=stop.wait)


def run(arguments: Sequence[str]) -> None:
    """Serve as the command line says.

    Raises:
        StartError: ministack is another one, a setting cannot be used, or the port is taken.
    """
    told = parse(arguments)
    check_version()
    listener = _listen(told.port)
    told = replace(told, port=listener.getsockname()[1])
    use(told)
    configure_ministack(told)
    try:
        install_all()
        # Not asyncio.run, which would wait for threads of ministack before anything that they wait for is stopped.
        asyncio.new_event_loop().run_until_complete(_serve(listener, told.url))
    finally:
        shut_down()


def _listen(port: int) -> socket.socket:
    try:
        return socket.create_server((HOST, port))
    except OSError as error:
        raise StartError(f"--port={port}: another program has it ({error.strerror}); choose another one") from error
