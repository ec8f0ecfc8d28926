"""`./flux password-link`: somebody who forgot a password chooses another one."""

import argparse
import hashlib
import secrets

from botocore.exceptions import ClientError
from pydantic import BaseModel, ConfigDict

from ..aws import Aws, connect, find_environment
from ..console import Console, Verbs, add_verb
from ..database import FunctionFailedError, ask_migrate
from ..errors import OpsError
from ..hand_over import hand_over, new_file
from ..site_address import site_address
from ..stacks import DeployedStack

EXAMPLES = """\
example:
  ./flux password-link --env prod --email anna@example.com

Hand the link to its owner alone, whom you know by voice or by sight: whoever opens it may choose the password. It works
once, for 24 hours, and a new link ends the one before. Until then the old password stays. The link's secret is made on
this machine, and only its hash leaves it. Who made a link for whom is in the log /flux/<environment>/migrate.
"""

# What the page behind the link is called (web/src/app/password). After a # it is in no server's log.
PAGE = "password#"


class LinkMade(BaseModel):
    """expires_at: until when the link works, ISO 8601."""

    model_config = ConfigDict(frozen=True)

    restaurant_id: str
    expires_at: str


def add(verbs: Verbs) -> None:
    """Teach the command line."""
    verb = add_verb(
        verbs,
        "password-link",
        purpose="make a link by which somebody who signs in chooses a password anew",
        examples=EXAMPLES,
        run=run,
    )
    verb.add_argument("--email", required=True, metavar="ADDRESS", help="what they sign in with")
    verb.add_argument("--link-file", type=new_file, metavar="PATH", help="a new file, instead of the terminal")


def run(arguments: argparse.Namespace) -> int:
    """Make a link."""
    console = Console.of(arguments)
    aws = connect(find_environment(arguments.env))
    console.heading(aws)
    console.echo(f"  link for    {arguments.email}, to choose a password; a link made before stops working")
    if not console.confirm(aws.config.name, "make it"):
        return 1
    site = site_address(DeployedStack.read(aws, "Frontend").outputs, aws_url=aws.url)
    token = secrets.token_urlsafe(32)
    # Before it is made: where it cannot be told, none is made.
    told = hand_over(f"{site.rstrip('/')}/{PAGE}{token}", arguments.link_file, what="the link", option="--link-file")
    try:
        made = _make(aws, arguments.email, token)
    except (OpsError, ClientError):
        if arguments.link_file is not None:
            arguments.link_file.unlink()
        raise
    console.echo(f"\n{told}\nIt works once, until {made.expires_at}.")
    console.result(restaurant_id=made.restaurant_id, expires_at=made.expires_at)
    return 0


def _make(aws: Aws, email: str, token: str) -> LinkMade:
    request = {
        "action": "password-link",
        "email": email,
        "token_hash": hashlib.sha256(token.encode()).hexdigest(),
        "operator": aws.operator,
    }
    try:
        return LinkMade.model_validate(ask_migrate(aws, DeployedStack.read(aws, "Compute"), request))
    except FunctionFailedError as error:
        if error.kind not in ("RefusedError", "ValidationError"):
            raise
        # The function does not repeat the address, because its log would keep it.
        raise OpsError(
            f"--email {email!r}: nobody who may sign in has this address",
            remedy="ask them for the address that they sign in with; no link was made",
        ) from error
