"""What the overlay is told when it starts. `local` sets these variables; none of them reaches a template."""

import os
import sys
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Self

from .expectations import OverlayError

HOST = "127.0.0.1"
"""Where everything listens. Nothing of the local AWS is reachable from another machine."""

ACCOUNT = "000000000000"
"""ministack's account, and the account of the environment `local`."""

REGION = "us-east-1"
"""The only region that Flux's environments may name."""


@dataclass(frozen=True, kw_only=True)
class Settings:
    """The overlay's settings.

    port: where ministack answers for every service (`FLUX_LOCAL_PORT`, 4566 unless told).
    state: absolute folder for everything written while it runs: databases, the certificate authority, unpacked models
        (`FLUX_LOCAL_STATE`).
    python: interpreter of the Lambda runtime python3.13 and of the SageMaker container (`FLUX_LOCAL_PYTHON`; the
        interpreter behind the emulator's own environment unless told). It must be a plain one, so that a bundle that
        forgot a dependency fails here too.
    """

    port: int
    state: Path
    python: Path

    @classmethod
    def read(cls) -> Self:
        """The settings in this process's environment.

        Raises:
            OverlayError: a variable is missing or malformed; names it and says what it must be.
        """
        port = os.environ.get("FLUX_LOCAL_PORT", "4566")
        if not (port.isdigit() and 1024 <= int(port) <= 65535):
            raise OverlayError(f"FLUX_LOCAL_PORT={port!r}: must be a port number from 1024 to 65535")
        state = os.environ.get("FLUX_LOCAL_STATE", "")
        if not Path(state).is_absolute():
            raise OverlayError(f"FLUX_LOCAL_STATE={state!r}: must be the absolute path of a folder to write in")
        python = Path(os.environ.get("FLUX_LOCAL_PYTHON", Path(sys.base_prefix) / "bin" / "python3.13"))
        if not os.access(python, os.X_OK):
            raise OverlayError(f"FLUX_LOCAL_PYTHON={str(python)!r}: must be an executable Python 3.13")
        return cls(port=int(port), state=Path(state), python=python)

    @property
    def url(self) -> str:
        """Base address of every AWS service on this machine."""
        return f"http://{HOST}:{self.port}"

    @property
    def authority(self) -> Path:
        """PEM file of the local certificate authority, which clients trust instead of Amazon's."""
        return self.state / "tls" / "authority.pem"


@cache
def settings() -> Settings:
    """This process's settings, read once."""
    return Settings.read()
