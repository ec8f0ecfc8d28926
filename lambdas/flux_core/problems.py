"""Errors as `application/problem+json` (RFC 9457)."""

import json
from dataclasses import dataclass, field
from http import HTTPStatus

CONTENT_TYPE = "application/problem+json"

# When to come again after a 503: what was away is asked again by then (flux_core.secrets.REFRESH_SECONDS).
RETRY_AFTER_SECONDS = 5


@dataclass(frozen=True, kw_only=True)
class Problem:
    """What went wrong, for the caller.

    detail: a sentence that helps the caller; never the internals.
    members: more members of the body, like the fields that are wrong.
    """

    status: HTTPStatus
    detail: str
    members: dict[str, object] = field(default_factory=dict)

    def headers(self) -> dict[str, str]:
        """Those that belong to it, beside its content type."""
        away = self.status == HTTPStatus.SERVICE_UNAVAILABLE
        return {"retry-after": str(RETRY_AFTER_SECONDS)} if away else {}

    def body(self) -> str:
        """The body."""
        return json.dumps({"title": self.status.phrase, "status": self.status, "detail": self.detail, **self.members})
