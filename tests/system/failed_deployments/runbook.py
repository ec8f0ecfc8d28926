"""The commands of docs/runbooks/failed-first-deployment.md, as they stand there."""

import re

from local.runbooks import FOLDER, blocks

PAGE = FOLDER / "failed-first-deployment.md"


def commands(section: str, **settings: str) -> str:
    """Every command under one heading of the page; lines that set something (`environment=prod`) get our values.

    Raises:
        LookupError: the page has no such section, or its first lines do not set that.
    """
    found = re.search(rf"^## {re.escape(section)}\n(.*?)(?=^## |\Z)", PAGE.read_text(), re.MULTILINE | re.DOTALL)
    if found is None:
        raise LookupError(f"{PAGE}: no section '{section}'")
    text = "\n".join(blocks(found[1]))
    for name, value in settings.items():
        text, replaced = re.subn(rf"^{name}=.*$", f"{name}={value}", text, flags=re.MULTILINE)
        if replaced != 1:
            raise LookupError(f"{PAGE}, section '{section}': no line '{name}=...'")
    return text
