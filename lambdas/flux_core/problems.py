"""Errors as `application/problem+json` (RFC 9457)."""

import json
from dataclasses import dataclass, field
from http import HTTPStatus

CONTENT_TYPE = "application/problem+json"


@dataclass(frozen=True, kw_only=True)
class Problem:
    """What went wrong, for the caller.

    detail: a sentence that helps the caller; never the internals.
    members: more members of the body, like the fields that are wrong.
    """

    status: HTTPStatus
    detail: str
    members: dict[str, object] = field(default_factory=dict)

    def body(self) -> str:
        """The body."""
        return json.dumps({"title": self.status.phrase, "status": self.status, "detail": self.detail, **self.members})
