"""`./flux page`: an environment on one page."""

import argparse
import webbrowser
from datetime import UTC, datetime
from pathlib import Path

from ..aws import connect, find_environment
from ..console import Console, Verbs, add_verb, writing
from ..page.reading import read_page
from ..page.rendering import render, verdict

EXAMPLES = """\
examples:
  ./flux page --env prod                    writes flux-prod.html here
  ./flux page --env prod --open             and opens it in the browser
  ./flux page --env prod --out prod.html    writes it there

One file that asks for nothing else, so that it can be kept and sent. What cannot be read says so in its place.
"""


def add(verbs: Verbs) -> None:
    """Teach the command line."""
    verb = add_verb(
        verbs, "page", purpose="write an environment on one HTML page", examples=EXAMPLES, run=run, changes=False
    )
    verb.add_argument("--out", type=Path, metavar="FILE", help="where to (flux-<environment>.html)")
    verb.add_argument("--open", action="store_true", help="open it in the browser")


def run(arguments: argparse.Namespace) -> int:
    """Write it."""
    console, config = Console(json=arguments.json), find_environment(arguments.env)
    out: Path = arguments.out or Path(f"flux-{config.name}.html")
    page = read_page(connect(config), now=datetime.now(UTC))
    with writing(out):
        out.write_text(render(page))
    said = verdict(page)
    console.echo(f"{said.words} Written to {out}")
    console.result(page=str(out), verdict=said.words, tone=said.tone, unread=page.unread)
    if arguments.open:
        webbrowser.open(out.resolve().as_uri())
    return 0
