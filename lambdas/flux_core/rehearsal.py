"""Rehearsals: a new version does its real work for restaurants that nobody has, and nothing of it stays.

The release gate asks for one before a version takes traffic. It marks the event itself, beside what the event carries:
API Gateway and SQS write every member of that level, so neither a visitor nor a message can mark an event; whoever may
invoke the function directly can, and IAM lets only the gate.

What the work did is seen where it leaves the function (the transaction, the call to AWS) and not told by the work
itself: a version whose answers are good and whose effects are not would say that all is well.
"""

from collections.abc import Mapping
from uuid import UUID

from .tenancy import RestaurantId

MARK = "rehearsal"

# Made by revisions 0005 and 0009, with dishes, sales and forecasts. They are inactive: no schedule, sign-in or webhook
# finds them.
RESTAURANT_ID = RestaurantId(UUID("0f1a0000-0000-4000-8000-000000000001"))
SECOND_RESTAURANT_ID = RestaurantId(UUID("0f1a0000-0000-4000-8000-000000000011"))
RESTAURANTS = (RESTAURANT_ID, SECOND_RESTAURANT_ID)

# Who signs in for the first of them; no table has the address.
OWNER_EMAIL = "owner@rehearsal.invalid"


def is_rehearsal(event: Mapping[str, object]) -> bool:
    """Whether the event was sent by the release gate, to be worked off without a trace."""
    return event.get(MARK) is True
