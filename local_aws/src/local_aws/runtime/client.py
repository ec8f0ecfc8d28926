"""AWS's own Python runtime client, `awslambdaric`, where functions find it.

A function must not see the packages of this environment, so those that the client consists of are put into a folder of
their own, which stands for /var/runtime.
"""

import shutil
import subprocess
import threading
from importlib import metadata
from pathlib import Path

_DISTRIBUTIONS = ("awslambdaric", "simplejson", "snapshot-restore-py")
_lock = threading.Lock()


def runtime_folder(python: Path, folder: Path) -> Path:
    """The folder with the client, made below `folder` the first time, its bytecode compiled by `python`."""
    made = folder / "runtime"
    with _lock:
        if not made.exists():
            unfinished = folder / "runtime-unfinished"
            for name in _DISTRIBUTIONS:
                for file in metadata.files(name) or ():
                    if file.suffix != ".pyc" and ".dist-info" not in file.parts[0] and file.parts[0] != "..":
                        target = unfinished / file
                        target.parent.mkdir(parents=True, exist_ok=True)
                        shutil.copyfile(Path(str(file.locate())), target)
            compile_all = ("-m", "compileall", "-q", "--invalidation-mode=unchecked-hash")
            subprocess.run([python, "-S", *compile_all, unfinished], check=True, cwd=folder)
            unfinished.rename(made)
    return made
