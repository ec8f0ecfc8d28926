"""The end of a restaurant's access to Square, as Square tells it: `oauth.authorization.revoked`."""

from datetime import UTC, datetime

from pydantic import AwareDatetime, BaseModel, JsonValue, ValidationError

from .access import Access
from .connections import Connections
from .journal import Journal

REVOKED = "oauth.authorization.revoked"


class _Revocation(BaseModel):
    revoked_at: AwareDatetime | None = None


class _Object(BaseModel):
    revocation: _Revocation | None = None


class _Data(BaseModel):
    object: _Object | None = None


class _RevokedEvent(BaseModel):
    """Every member is optional, as in Square's schema.

    Source: Square Developer, "Webhook event reference", `oauth.authorization.revoked`.
    """

    merchant_id: str | None = None
    created_at: AwareDatetime | None = None
    data: _Data | None = None

    @property
    def moment(self) -> datetime:
        """When access was withdrawn."""
        revocation = self.data and self.data.object and self.data.object.revocation
        return (revocation and revocation.revoked_at) or self.created_at or datetime.now(UTC)


class Revocations:
    """Deactivates what an event says is over."""

    def __init__(self, *, connections: Connections, access: Access, journal: Journal) -> None:
        self._journal = journal
        self._connections = connections
        self._access = access

    def take(self, event: dict[str, JsonValue], *, request_id: str | None) -> None:
        """Deactivate the merchant's connections, but for those that were made, or given a token, after the event."""
        try:
            revoked = _RevokedEvent.model_validate(event)
        except ValidationError:
            # The next sync meets Square's refusal.
            self._journal.note("malformed", request_id=request_id)
            return
        if not revoked.merchant_id or "\0" in revoked.merchant_id:
            self._journal.note("without ids", request_id=request_id)
            return
        for connection in self._connections.of_merchant(revoked.merchant_id):
            if (connection.token_refreshed_at or connection.created_at) <= revoked.moment:
                self._access.end(connection)
                self._journal.note("revoked", request_id=request_id, restaurant_id=connection.restaurant_id)
