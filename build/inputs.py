"""What a build is made from, as one hash: equal inputs are built once."""

import hashlib
from collections.abc import Iterable, Iterator
from pathlib import Path

# Made by Python beside the sources, never an input.
GENERATED = "__pycache__"


def files(root: Path) -> Iterator[Path]:
    """Every source file below a folder (or the file itself), in an order that does not depend on the file system."""
    if root.is_file():
        yield root
        return
    for entry in sorted(root.iterdir()):
        if entry.name != GENERATED and not entry.name.startswith("."):
            yield from files(entry)


def hash_inputs(*, trees: Iterable[Path] = (), texts: Iterable[str] = ()) -> str:
    """16 hexadecimal digits over the names (below each tree) and contents of files, and over further texts."""
    digest = hashlib.sha256()
    for text in texts:
        digest.update(f"text {len(text)}\n{text}".encode())
    for tree in trees:
        for file in files(tree):
            content = file.read_bytes()
            name = file.relative_to(tree.parent).as_posix()
            digest.update(f"file {name} {len(content)}\n".encode())
            digest.update(content)
    return digest.hexdigest()[:16]
