"""What the webhook function is told."""

from flux_core.settings import Name, Settings


class WebhookSettings(Settings):
    """Where events go, and how they are proven.

    pos_sync_queue_url: the sync worker's queue.
    square_webhook_secret: name of the secret with Square's signature key and notification URL.
    probe_secret: name of the secret that the probe signs with; None where there is no probe.
    """

    pos_sync_queue_url: Name
    square_webhook_secret: Name
    probe_secret: Name | None = None
