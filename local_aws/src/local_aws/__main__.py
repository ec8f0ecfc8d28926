"""AWS on this machine: `python -m local_aws --help`."""

import logging
import os
import sys

from .expectations import StartError
from .server import run

_REFUSED = 2


def main() -> None:
    """Run until a signal comes; the process ends here."""
    try:
        run(sys.argv[1:])
        status = 0
    except StartError as error:
        sys.stderr.write(f"local-aws: {error}\n")
        status = _REFUSED
    logging.shutdown()
    sys.stderr.flush()
    # Some threads of ministack wait for what will not come any more, like the answer of a custom resource for an hour.
    os._exit(status)


if __name__ == "__main__":
    main()
