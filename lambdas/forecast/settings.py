"""What the forecast worker is told."""

from typing import Annotated

from pydantic import Field

from flux_core.settings import DatabaseSettings, Name


class ForecastSettings(DatabaseSettings):
    """The database, the worker's own queue, and the model.

    forecast_queue_url: where a tick's fan-out goes.
    forecasts_due_hour: UTC; from then on the night's forecasts are late.
    forecast_endpoint: name of the SageMaker endpoint.
    """

    forecast_queue_url: Name
    forecast_endpoint: Name
    forecasts_due_hour: Annotated[int, Field(ge=0, le=23)]
