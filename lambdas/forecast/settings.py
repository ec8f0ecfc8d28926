"""What the forecast worker is told."""

from flux_core.settings import DatabaseSettings, Name


class ForecastSettings(DatabaseSettings):
    """The database, the worker's own queue, and the model.

    forecast_queue_url: where a tick's fan-out goes.
    forecast_endpoint: name of the SageMaker endpoint.
    """

    forecast_queue_url: Name
    forecast_endpoint: Name
