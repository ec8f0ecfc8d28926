"""The function's code on disk: the very bundle that was uploaded, unpacked once per content."""

import base64
import hashlib
import io
import shutil
import tempfile
import threading
import zipfile
from pathlib import Path

_lock = threading.Lock()


def code_hash(bundle: bytes) -> str:
    """SHA-256 of a bundle as Lambda's API gives it: base64."""
    return base64.b64encode(hashlib.sha256(bundle).digest()).decode()


def unpack(bundle: bytes, code: str, into: Path) -> Path:
    """The folder that stands for /var/task: `bundle` unpacked below `into`, shared by all processes of that code.

    code: the bundle's hash; an already unpacked one is not unpacked again.

    Raises:
        zipfile.BadZipFile: the bundle is no zip archive.
    """
    folder = into / base64.b64decode(code).hex()
    with _lock:  # several workers may start at once; unpacking is rare and takes less than a second
        if not folder.exists():
            into.mkdir(parents=True, exist_ok=True)
            unfinished = Path(tempfile.mkdtemp(prefix="unpacking-", dir=into))
            try:
                _extract(bundle, unfinished)
                unfinished.rename(folder)
            except BaseException:
                shutil.rmtree(unfinished)
                raise
    return folder


def _extract(bundle: bytes, folder: Path) -> None:
    folder.chmod(0o755)
    with zipfile.ZipFile(io.BytesIO(bundle)) as archive:
        for entry in archive.infolist():
            path = Path(archive.extract(entry, folder))
            mode = entry.external_attr >> 16 & 0o777  # zipfile leaves out the Unix permissions
            if mode and not entry.is_dir():
                path.chmod(mode)
