"""`./flux dashboard`: a CloudWatch dashboard as a picture."""

import argparse
from datetime import UTC, datetime
from pathlib import Path

from ..aws import connect, find_environment
from ..console import Console, Verbs, add_verb, words, writing
from ..dashboard.reading import OVERVIEW, Dashboard, read_dashboard
from ..dashboard.times import said_time, typed_time
from ..errors import OpsError

EXAMPLES = """\
examples:
  ./flux dashboard --env prod                           the one that is opened first, to flux-prod.png here
  ./flux dashboard --env prod --name api --since 2d     requests, errors and latency of two days
  ./flux dashboard --env prod --out incident.svg        for a report; .png, .svg or .pdf

Drawn from what CloudWatch has counted, laid out as in its console, for who has none at hand or wants to keep what was
seen. What cannot be read says so in its place. Older than 15 days, CloudWatch keeps periods of five minutes or more.
"""

_KINDS = (".png", ".svg", ".pdf")


def add(verbs: Verbs) -> None:
    """Teach the command line."""
    verb = add_verb(verbs, "dashboard", purpose="draw a dashboard", examples=EXAMPLES, run=run, changes=False)
    verb.add_argument(
        "--name",
        type=words("give the name of a dashboard, like api"),
        default=OVERVIEW,
        metavar="NAME",
        help=f"api, compute, data ... ({OVERVIEW})",
    )
    verb.add_argument("--since", type=typed_time, metavar="TIME", help="how far back (as the dashboard itself: 3h)")
    verb.add_argument("--out", type=_picture, metavar="FILE", help="where to (<dashboard>.png)")


def run(arguments: argparse.Namespace) -> int:
    """Draw it."""
    console, config = Console(json=arguments.json), find_environment(arguments.env)
    dashboard = read_dashboard(connect(config), arguments.name, now=datetime.now(UTC), since=arguments.since)
    out: Path = arguments.out or Path(f"{dashboard.name}.png")
    _draw(dashboard, out)
    unread = sum(bool(filled.why) for filled in dashboard.widgets)
    without_data = sum(filled.is_without_data for filled in dashboard.widgets)
    console.echo(
        f"{dashboard.name}, {said_time(dashboard.since)}: {len(dashboard.widgets)} parts, {without_data} without data, "
        f"{unread} that could not be read. Written to {out}"
    )
    console.result(
        dashboard=dashboard.name,
        picture=str(out),
        parts=len(dashboard.widgets),
        without_data=without_data,
        unread=unread,
    )
    return 0


def _picture(text: str) -> Path:
    if Path(text).suffix not in _KINDS:
        raise argparse.ArgumentTypeError(f"{text!r}: give a file that ends in {', '.join(_KINDS)}")
    return Path(text)


def _draw(dashboard: Dashboard, out: Path) -> None:
    try:
        from ..dashboard.drawing import draw  # noqa: PLC0415 - matplotlib takes a second to load; no other verb needs it
    except ModuleNotFoundError as error:
        raise OpsError(f"{error.name}: is not installed, and draws dashboards", remedy="run 'make tools'") from error
    with writing(out):
        draw(dashboard, out)
