"""What the release gate is told."""

from typing import Annotated

from pydantic import Field

from flux_core.settings import Name, Settings


class GateSettings(Settings):
    """Which functions it gates, and what the signatures and proofs of its requests are made with.

    gated_functions: JSON; each function's physical name and its name in Flux, like "api".
    token_keys_secret: name of the secret with the key of the access tokens.
    square_webhook_secret: name of the secret with Square's signature key and notification URL.
    origin_secret: name of the secret with what CloudFront proves itself by.
    requests, refused_at: how often a version is asked at least, and how many failures among them refuse it.
    pace_requests, pace_factor, pace_grace_ms: a version is refused that, at the fastest of so many answers, takes more
        than so many times as long as the live one, and so many milliseconds more.
    memory_grace_mib: a version is refused whose memory grows by more, once everything has been asked.
    """

    gated_functions: Annotated[dict[str, Name], Field(min_length=1)]
    token_keys_secret: Name
    square_webhook_secret: Name
    origin_secret: Name
    requests: Annotated[int, Field(ge=1)]
    refused_at: Annotated[int, Field(ge=1)]
    pace_requests: Annotated[int, Field(ge=1)]
    pace_factor: Annotated[float, Field(ge=1)]
    pace_grace_ms: Annotated[float, Field(ge=0)]
    memory_grace_mib: Annotated[int, Field(ge=1)]
