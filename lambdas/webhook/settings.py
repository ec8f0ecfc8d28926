"""What the webhook function is told."""

import os
from typing import Self

from flux_core.texts import Texts


class WebhookSettings(Texts):
    """Where events go, and how they are proven.

    flux_environment: the environment's name, like `prod`.
    pos_sync_queue_url: the sync worker's queue.
    square_webhook_secret: name of the secret with Square's signature key and notification URL.
    probe_secret: name of the secret that the probe signs with; None where there is no probe.
    """

    flux_environment: str
    pos_sync_queue_url: str
    square_webhook_secret: str
    probe_secret: str | None = None

    @classmethod
    def load(cls) -> Self:
        """Read the environment; flux_infra/compute sets it.

        Raises:
            TextsError: a variable is missing or empty.
        """
        return cls.model_validate({name.lower(): value for name, value in os.environ.items()})
