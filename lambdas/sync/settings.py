"""What the sync worker is told."""

from typing import Annotated

from pydantic import Field

from flux_core.settings import DatabaseSettings, Name


class SyncSettings(DatabaseSettings):
    """The database, the worker's own queue, and Square.

    pos_sync_queue_url: where a tick's fan-out and a sync's continuation go.
    square_api_url: base address of Square's API, without a slash at the end.
    square_application_secret: name of the secret with our application's id and secret at Square.
    sales_visible_seconds: within which a sale is to be stored after it was rung up.
    pos_token_key: ARN of the KMS key that encrypts the connections' OAuth tokens.
    """

    pos_sync_queue_url: Name
    square_api_url: Name
    square_application_secret: Name
    pos_token_key: Name
    sales_visible_seconds: Annotated[int, Field(gt=0)]
