"""`flux ops open-restaurant`: until it has run once, nobody can sign in to a new environment."""

import argparse
from pathlib import Path

from .ask import agreed, say
from .aws import connect, find_environment
from .errors import OpsError
from .first_password import hand_over, make_password
from .restaurants import NewRestaurant, open_restaurant
from .stacks import DeployedStack

EXAMPLES = """\
example:
  flux ops open-restaurant --env prod --name 'Trattoria Aurora' --time-zone America/New_York \\
      --owner-email anna@example.com

The owner's password is made on this machine, and only its hash leaves it. Asking again for the same restaurant and
address changes nothing. Who opened what is in the log /flux/<environment>/migrate.
"""


def add_parser(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Teach the command line."""
    command = commands.add_parser(
        "open-restaurant",
        help="a new restaurant, and the owner who signs in first",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    command.add_argument("--env", required=True, metavar="NAME", help="local, dev, staging, prod or pr-<number>")
    command.add_argument("--name", required=True, help="as its guests know it")
    command.add_argument("--time-zone", required=True, metavar="ZONE", help="IANA name, like America/New_York")
    command.add_argument("--owner-email", required=True, metavar="ADDRESS", help="what the owner signs in with")
    command.add_argument("--password-file", type=Path, metavar="PATH", help="a new file, instead of the terminal")
    command.add_argument("--yes", action="store_true", help="do not ask")


def run(arguments: argparse.Namespace) -> int:
    """Open a restaurant."""
    restaurant = NewRestaurant(
        name=arguments.name, time_zone=arguments.time_zone, owner_email=arguments.owner_email.lower()
    )
    aws = connect(find_environment(arguments.env))
    say(f"Flux {aws.config.name}, account {aws.config.account}, as {aws.operator}\n")
    say(f"  restaurant  {restaurant.name} ({restaurant.time_zone})\n  owner       {restaurant.owner_email}")
    if not arguments.yes and not agreed(aws.config.name, "open it"):
        say("Nothing was changed.")
        return 1
    site = DeployedStack.read(aws, "Frontend").output("SiteUrl")
    password = make_password()
    # Before it is opened: if the answer is lost on its way, the password is not.
    say(f"\n{hand_over(password, arguments.password_file)}")
    try:
        opened = open_restaurant(aws, restaurant, password)
    except OpsError:
        if arguments.password_file is not None:
            arguments.password_file.unlink()  # of no use to anybody, and in the way of the next attempt
        raise
    if opened.opened:
        say(f"Restaurant {opened.restaurant_id} is open; {restaurant.owner_email} signs in at {site}")
    else:
        say(f"Restaurant {opened.restaurant_id} was open already and keeps its owner's password; this one is void.")
    return 0
