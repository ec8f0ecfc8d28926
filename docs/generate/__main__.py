"""`make docs`: write what is derived; tests/docs says when something of it is stale."""

import json
import subprocess
from pathlib import Path

from . import bad_releases, gameday_picture
from .indexes import INDEXES
from .pictures import PICTURES, stamp

_HERE = Path(__file__).parent
_DOCS = _HERE.parent
_NODE = _DOCS.parent / "node_modules/.bin/node"


def main() -> None:
    """Write pictures, indexes and the table of bad releases."""
    graphs = {name: draw() for name, draw in PICTURES.items()}
    drawn = subprocess.run(
        [_NODE, _HERE / "draw.mjs"], input=json.dumps(graphs), capture_output=True, text=True, check=True
    ).stdout
    for name, svg in json.loads(drawn).items():
        (_DOCS / "images" / f"{name}.svg").write_text(f"{svg.rstrip()}\n{stamp(graphs[name])}")
    (_DOCS / "images/gameday.svg").write_text(gameday_picture.draw())
    for path, render in INDEXES.items():
        (_DOCS / path).write_text(render())
    bad_releases.PAGE.write_text(bad_releases.written(bad_releases.PAGE.read_text()))


if __name__ == "__main__":
    main()
