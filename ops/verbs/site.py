"""`./flux site`: publish the built site, which no stack does (docs/decisions/0008-site-releases.md), or roll back."""

import argparse

from ..aws import connect, find_environment
from ..console import Console, Verbs, add_verb
from ..site import built_site, releases
from . import rollback

PUBLISH_EXAMPLES = """\
example:
  ./flux site publish --env dev       upload what 'make build' has built, verify it, make it live

Repeating it changes nothing. With --json it prints 'release' and 'before', the release that was live before it; null if
there was none, or if this one was live already.
"""

ROLLBACK_EXAMPLES = """\
examples:
  ./flux site rollback --env prod                        to the one before; './flux rollback site' is the same
  ./flux site rollback --env prod --to 1f0c2ab94d7e33f5
"""


def add(verbs: Verbs) -> None:
    """Teach the command line."""
    site = verbs.add_parser("site", help="publish the built site, or roll it back").add_subparsers(
        dest="action", required=True
    )
    add_verb(site, "publish", purpose="publish the built site", examples=PUBLISH_EXAMPLES, run=run)
    back = add_verb(
        site, "rollback", purpose="make an earlier release live again", examples=ROLLBACK_EXAMPLES, run=rollback.run
    )
    back.add_argument("--to", type=rollback.IDENTIFIER, metavar="RELEASE", help="an earlier release")
    back.set_defaults(layer="site", ignore_alarms=None, plan=False, planned="")


def run(arguments: argparse.Namespace) -> int:
    """Publish. Not asked about: the release before it is one command away."""
    console = Console.of(arguments)
    aws = connect(find_environment(arguments.env))
    published = releases(aws).publish(built_site())
    console.echo(f"site: {published.release} is live in {aws.config.name}; {published.uploaded} files uploaded")
    # Publishing the live release again is no release: there is nothing to go back to.
    before = published.before if published.before != published.release else None
    console.result(release=published.release, before=before)
    return 0
