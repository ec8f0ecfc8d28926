"""What a long run found, kept in a file of which `make docs` makes a page: one row a line, by name."""

import json
from collections.abc import Iterable, Mapping
from pathlib import Path


def keep_rows(file: Path, rows: Mapping[str, object], *, names: Iterable[str]) -> None:
    """Replace the rows that were found anew. names: of all rows that there may be, in their order."""
    known: dict[str, object] = json.loads(file.read_text()) if file.exists() else {}
    known |= rows
    lines = [f"{json.dumps(name)}: {json.dumps(known[name])}" for name in names if name in known]
    file.write_text("{\n" + ",\n".join(lines) + "\n}\n")
