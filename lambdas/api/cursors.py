"""Where a page ends: the sort key of its last item, opaque to callers."""

import base64
import binascii
import datetime as dt
from dataclasses import dataclass
from typing import Self
from uuid import UUID

from pydantic import AwareDatetime, TypeAdapter, ValidationError

# Three times what one of ours has.
MAX_CHARACTERS = 300


class InvalidCursorError(ValueError):
    """A cursor that no page of ours ended with."""


_CONTENT: TypeAdapter[tuple[AwareDatetime, UUID]] = TypeAdapter(tuple[AwareDatetime, UUID])


@dataclass(frozen=True, kw_only=True)
class Cursor:
    """A place in the list of transactions, newest first.

    It says nothing about the tenant: whoever sends it sees their own transactions beyond that place.
    """

    sold_at: dt.datetime
    id: UUID

    def encode(self) -> str:
        """As text for a URL."""
        return base64.urlsafe_b64encode(_CONTENT.dump_json((self.sold_at, self.id))).decode().rstrip("=")

    @classmethod
    def decode(cls, text: str) -> Self:
        """Read it back.

        Raises:
            InvalidCursorError: it is not one.
        """
        if len(text) > MAX_CHARACTERS:
            raise InvalidCursorError("longer than any cursor of this list")
        try:
            content = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
            sold_at, transaction_id = _CONTENT.validate_json(content, strict=True)
            # At the ends of time an offset leads out of it.
            return cls(sold_at=sold_at.astimezone(dt.UTC), id=transaction_id)
        except (binascii.Error, ValueError, ValidationError, OverflowError) as error:
            raise InvalidCursorError("not a cursor of this list") from error
