"""What operators may ask of this function, and what it answers. CloudFormation's requests are in custom_resource.py."""

from dataclasses import dataclass
from typing import Annotated, Literal
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, TypeAdapter

from flux_core.settings import Name
from migrations.phases import Phase

from .password_links import PasswordLinkRequest
from .restaurants import OpenRestaurantRequest


class _Request(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class StatusRequest(_Request):
    """Where does the database stand? Changes nothing."""

    action: Literal["status"]


class UpgradeRequest(_Request):
    """Run the revisions that the database lacks, up to `to` or the newest."""

    action: Literal["upgrade"]
    to: Name | None = None


class DowngradeRequest(_Request):
    """Undo the revisions after `to`."""

    action: Literal["downgrade"]
    to: Name


class AdoptRequest(_Request):
    """Give the owner of a restored database today's password. instance: a drill's, `flux-<environment>-drill-...`."""

    action: Literal["adopt"]
    instance: Name


class InspectRequest(_Request):
    """What does a database hold? Changes nothing.

    instance: a drill's; None for the live database. as_of: only rows that were there at this moment are counted.
    restaurants: whose rows; None for `sample` of them, spread from the oldest to the newest.
    """

    action: Literal["inspect"]
    as_of: AwareDatetime
    instance: Name | None = None
    restaurants: tuple[UUID, ...] | None = None
    sample: Annotated[int, Field(ge=1, le=500)] = 25


type OperatorRequest = (
    StatusRequest
    | UpgradeRequest
    | DowngradeRequest
    | OpenRestaurantRequest
    | PasswordLinkRequest
    | AdoptRequest
    | InspectRequest
)

# Lambda logs what a function raises: what was wrong with a request, and not what was in it.
REQUEST: TypeAdapter[OperatorRequest] = TypeAdapter(
    Annotated[OperatorRequest, Field(discriminator="action")], config=ConfigDict(hide_input_in_errors=True)
)


@dataclass(frozen=True, kw_only=True)
class Adopted:
    """RDS was asked to change the password; it is in force a little later."""

    instance: str


@dataclass(frozen=True, kw_only=True)
class StepBack:
    """One step of a downgrade.

    revision, to: where it begins and ends.
    refusal: why it would be refused; None if it would not.
    """

    revision: str
    to: str | None
    phase: Phase
    summary: str
    refusal: str | None


@dataclass(frozen=True, kw_only=True)
class Status:
    """Where the database stands.

    current: its revision; None before the first.
    head: the newest revision that this release knows.
    pending: the revisions that it lacks, oldest first.
    ahead: a newer release was here: its revision is unknown to this one.
    steps_back: the steps of a downgrade, newest first, down to the first that would be refused.
    """

    current: str | None
    head: str
    pending: tuple[str, ...]
    ahead: bool
    steps_back: tuple[StepBack, ...]


@dataclass(frozen=True, kw_only=True)
class Moved:
    """What an upgrade or a downgrade did.

    before, current: the revision before it and now; equal if there was nothing to do.
    head: the newest revision that this release knows.
    snapshot: name of the RDS snapshot taken before it, if any.
    """

    before: str | None
    current: str | None
    head: str
    snapshot: str | None
