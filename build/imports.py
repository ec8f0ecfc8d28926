"""Whether everything that a bundle imports is in the bundle: tried in an interpreter that sees nothing else.

The environment of tests and tools has packages that no bundle has, and an import inside a function runs only when
somebody calls it: what is missing would fail in the middle of a request. So each bundle is imported whole when built.
"""

import platform
import sys
from collections.abc import Sequence
from pathlib import Path

from . import tools
from .errors import BuildError

SCRIPT = Path(__file__).with_name("import_whole.py")

# Alembic runs this one in its own way; it can be read, but not imported.
RUN_BY_OTHERS = ("migrations.env",)


def refuse_missing(name: str, folder: Path, *, packages: Sequence[str], shared: str) -> None:
    """Import every module of the packages, what they use of the shared one, and whatever any line would import.

    On another platform than Lambda's the compiled dependencies cannot be loaded: there it is left to those who build
    for a deployment, on Linux.

    Raises:
        BuildError: something cannot be imported; the message says in one line what, and where it is asked for.
    """
    if (sys.platform, platform.machine()) != ("linux", "x86_64"):
        return
    said = tools.run(
        [
            *[sys.executable, "-I", "-S", "-B", str(SCRIPT)],
            *[str(folder), ",".join(packages), shared, ",".join(RUN_BY_OTHERS)],
        ],
        what=f"Importing the bundle of {name}",
        remedy="The error below is of the interpreter itself.",
        environment={"AWS_DEFAULT_REGION": "us-east-1"},  # as Lambda sets it
    ).strip()
    if said:
        raise BuildError(
            f"The bundle of {name} is not whole: {said}. "
            "Add what is missing to a fn- group in pyproject.toml, or take the import out."
        )
