"""What a real browser sees."""

import json
import subprocess
from pathlib import Path

from local import machine
from ops.reads import Json


def seen_by(program: str, *arguments: str) -> dict[str, Json]:
    """What a program of this folder prints, like `page.mjs`.

    Raises:
        subprocess.CalledProcessError: the page could not be opened.
    """
    command = [str(machine.NODE_BIN / "node"), str(Path(__file__).with_name(program)), *arguments]
    finished = subprocess.run(command, check=True, capture_output=True, text=True, timeout=120)
    seen: dict[str, Json] = json.loads(finished.stdout)
    return seen
