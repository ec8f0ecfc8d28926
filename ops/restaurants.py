"""A restaurant opened in a deployed environment, through the migrate function."""

import re
import zoneinfo
from dataclasses import dataclass

from argon2 import PasswordHasher
from pydantic import BaseModel, ConfigDict

from .aws import Aws
from .errors import OpsError
from .migrate_function import FunctionFailedError, ask_migrate
from .stacks import DeployedStack

_EMAIL = re.compile(r"[^@\s\x00-\x1f]+@[^@\s\x00-\x1f]+")


@dataclass(frozen=True, kw_only=True)
class NewRestaurant:
    """What an operator says about it; the rules are lambdas/migrate/restaurants.py's.

    time_zone: an IANA name; a business day begins and ends in it.
    """

    name: str
    time_zone: str
    owner_email: str

    def __post_init__(self) -> None:
        _require(
            1 <= len(self.name.strip()) <= 200 and self.name.isprintable(),
            f"--name {self.name!r}: must be 1 to 200 printable characters",
            "give the name as its guests know it, like --name 'Trattoria Aurora'",
        )
        _require(
            self.time_zone in zoneinfo.available_timezones(),
            f"--time-zone {self.time_zone!r}: not an IANA time zone",
            "give the zone of the restaurant's city, like --time-zone America/New_York",
        )
        _require(
            len(self.owner_email) <= 254 and _EMAIL.fullmatch(self.owner_email) is not None,
            f"--owner-email {self.owner_email!r}: not an e-mail address of at most 254 characters",
            "give the address that the owner will sign in with, like --owner-email anna@example.com",
        )


def _require(holds: bool, why: str, remedy: str) -> None:  # noqa: FBT001 - reads as a sentence
    if not holds:
        raise OpsError(why, remedy=remedy)


class Opened(BaseModel):
    """opened: False if it was open already; then nothing changed, the password neither."""

    model_config = ConfigDict(frozen=True)

    restaurant_id: str
    opened: bool


def open_restaurant(aws: Aws, restaurant: NewRestaurant, password: str) -> Opened:
    """Open it. Only the password's hash leaves this machine.

    Raises:
        OpsError: the address or the zone is not to be had.
    """
    request = {
        "action": "open-restaurant",
        "name": restaurant.name.strip(),
        "time_zone": restaurant.time_zone,
        "owner_email": restaurant.owner_email,
        "owner_password_hash": PasswordHasher().hash(password),
        "operator": aws.operator,
    }
    try:
        answer = ask_migrate(aws, DeployedStack.read(aws, "Compute"), request)
    except FunctionFailedError as error:
        field, _, reason = error.reason.partition(": ")
        if error.kind != "RefusedError" or field not in request:
            raise
        # The function does not repeat the value, because its log would keep it.
        raise OpsError(
            f"--{field.replace('_', '-')} {request[field]!r}: {reason}",
            remedy="nothing was opened; give another value",
        ) from error
    return Opened.model_validate(answer)
