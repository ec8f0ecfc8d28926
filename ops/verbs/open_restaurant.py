"""`./flux open-restaurant`: until it has run once, nobody can sign in to a new environment."""

import argparse
from pathlib import Path

from botocore.exceptions import ClientError

from ..aws import connect, find_environment
from ..console import Console, Verbs, add_verb
from ..errors import OpsError
from ..hand_over import hand_over, new_file
from ..restaurants import NewRestaurant, NotKnownError, make_password, open_restaurant
from ..site_address import site_address
from ..stacks import DeployedStack

EXAMPLES = """\
example:
  ./flux open-restaurant --env prod --name 'Trattoria Aurora' --time-zone America/New_York \\
      --close-of-day 02:00 --owner-email anna@example.com

The owner's password is made on this machine, and only its hash leaves it. Asking again for the same restaurant and
address changes nothing. Who opened what is in the log /flux/<environment>/migrate.
"""


def add(verbs: Verbs) -> None:
    """Teach the command line."""
    verb = add_verb(
        verbs,
        "open-restaurant",
        purpose="open a new restaurant, with the owner who signs in first",
        examples=EXAMPLES,
        run=run,
    )
    verb.add_argument("--name", required=True, help="as its guests know it")
    verb.add_argument("--time-zone", required=True, metavar="ZONE", help="IANA name, like America/New_York")
    verb.add_argument(
        "--close-of-day",
        default="00:00",
        metavar="HH:MM",
        help="what is paid before counts on the day before; midnight unless given",
    )
    verb.add_argument("--owner-email", required=True, metavar="ADDRESS", help="what the owner signs in with")
    verb.add_argument("--password-file", type=new_file, metavar="PATH", help="a new file, instead of the terminal")


def run(arguments: argparse.Namespace) -> int:
    """Open a restaurant."""
    console = Console.of(arguments)
    restaurant = NewRestaurant(
        name=arguments.name,
        time_zone=arguments.time_zone,
        close_of_day=arguments.close_of_day,
        owner_email=arguments.owner_email.lower(),
    )
    aws = connect(find_environment(arguments.env))
    console.heading(aws)
    place = f"{restaurant.time_zone}, days end at {restaurant.close_of_day}"
    console.echo(f"  restaurant  {restaurant.name} ({place})\n  owner       {restaurant.owner_email}")
    if not console.confirm(aws.config.name, "open it"):
        return 1
    site = site_address(DeployedStack.read(aws, "Frontend").outputs, aws_url=aws.url)
    password = make_password()
    # Before it is opened: if the answer is lost on its way, the password is not.
    told = hand_over(password, arguments.password_file, what="the owner's password", option="--password-file")
    console.echo(f"\n{told}")
    try:
        opened = open_restaurant(aws, restaurant, password)
    except NotKnownError:
        raise  # it may be the owner's
    except (OpsError, ClientError):
        _discard(arguments.password_file)
        raise
    if opened.opened:
        console.echo(f"Restaurant {opened.restaurant_id} is open; {restaurant.owner_email} signs in at {site}")
    else:
        _discard(arguments.password_file)
        console.echo(
            f"Restaurant {opened.restaurant_id} was open already and keeps its owner's password; this one is void."
        )
    console.result(restaurant_id=opened.restaurant_id, opened=opened.opened, site=site)
    return 0


def _discard(file: Path | None) -> None:
    """Remove the file of a password that is nobody's: it would mislead, and stand in the way of the next attempt."""
    if file is not None:
        file.unlink()
