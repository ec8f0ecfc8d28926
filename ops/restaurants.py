"""A restaurant opened in a deployed environment, through the migrate function, and its owner's first password."""

import re
import secrets
import zoneinfo
from dataclasses import dataclass

from argon2 import PasswordHasher
from botocore.exceptions import ConnectionError as NoConnectionError
from botocore.exceptions import HTTPClientError
from pydantic import BaseModel, ConfigDict

from .aws import Aws
from .database import FunctionFailedError, ask_migrate
from .errors import OpsError
from .stacks import DeployedStack

# No 0 and O, 1, l and I: it is read out on the telephone. 31 letters, 20 of them: 99 bits.
_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"
_GROUPS, _GROUP = 4, 5

_EMAIL = re.compile(r"[^@\s]+@[^@\s]+")


@dataclass(frozen=True, kw_only=True)
class NewRestaurant:
    """What an operator says about it; the rules are lambdas/migrate/restaurants.py's.

    time_zone: an IANA name; a business day begins and ends in it.
    close_of_day: when it ends, HH:MM of that zone.
    """

    name: str
    time_zone: str
    owner_email: str
    close_of_day: str = "00:00"

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
            re.fullmatch(r"([01][0-9]|2[0-3]):[0-5][0-9]", self.close_of_day) is not None,
            f"--close-of-day {self.close_of_day!r}: not a time of day like 02:00",
            "give the time after which what is paid belongs to the next day, like --close-of-day 04:00",
        )
        _require(
            len(self.owner_email) <= 254
            and self.owner_email.isprintable()
            and _EMAIL.fullmatch(self.owner_email) is not None,
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


class NotKnownError(OpsError):
    """Whether the restaurant was opened is not known: the function's answer was lost."""


_ASK_AGAIN = (
    "keep the password and ask again, with another --password-file; if it then says 'was open already', the first "
    "password is the owner's"
)

# How Lambda names an end that is not the function's own: a timeout, a killed process ("Lambda function errors").
_CUT_OFF = ("Sandbox.", "Runtime.")


def open_restaurant(aws: Aws, restaurant: NewRestaurant, password: str) -> Opened:
    """Open it. Only the password's hash leaves this machine.

    Raises:
        NotKnownError: it may be open, or not.
        OpsError: it is not; the address or the zone is not to be had, or the database away.
    """
    request = {
        "action": "open-restaurant",
        "name": restaurant.name.strip(),
        "time_zone": restaurant.time_zone,
        "close_of_day": restaurant.close_of_day,
        "owner_email": restaurant.owner_email,
        "owner_password_hash": PasswordHasher().hash(password),
        "operator": aws.operator,
    }
    try:
        answer = ask_migrate(aws, DeployedStack.read(aws, "Compute"), request)
    except (NoConnectionError, HTTPClientError) as error:
        raise NotKnownError(f"the answer was lost: {error}", remedy=_ASK_AGAIN) from error
    except FunctionFailedError as error:
        if error.kind.startswith(_CUT_OFF):
            raise NotKnownError(error.why, remedy=_ASK_AGAIN) from error
        field, _, reason = error.reason.partition(": ")
        if error.kind != "RefusedError" or field not in request:
            raise
        # The function does not repeat the value, because its log would keep it.
        raise OpsError(
            f"--{field.replace('_', '-')} {request[field]!r}: {reason}", remedy="nothing was opened; give another value"
        ) from error
    return Opened.model_validate(answer)


def make_password() -> str:
    """Four groups of five letters and digits."""
    return "-".join("".join(secrets.choice(_LETTERS) for _ in range(_GROUP)) for _ in range(_GROUPS))
