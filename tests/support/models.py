"""The smallest model that an endpoint serves."""

import io
import tarfile

_SCRIPT = b"""
def model_fn(model_dir):
    return None
"""


def model() -> bytes:
    """A model.tar.gz with nothing but an inference script."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as packed:
        entry = tarfile.TarInfo("code/inference.py")
        entry.size = len(_SCRIPT)
        packed.addfile(entry, io.BytesIO(_SCRIPT))
    return buffer.getvalue()
