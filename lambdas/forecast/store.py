"""Storing a restaurant's run: a run that is repeated replaces itself, so it may be repeated at any time."""

import datetime as dt

from psycopg import Cursor
from psycopg.rows import TupleRow
from psycopg.types.json import Jsonb

from flux_core.tenancy import RestaurantId

from .model import Prediction

_RUN = """
    INSERT INTO forecast_runs (restaurant_id, business_date, model_version) VALUES (%s, %s, %s)
    ON CONFLICT (restaurant_id, business_date)
    DO UPDATE SET model_version = excluded.model_version, finished_at = now()
"""

_FORECASTS = """
    INSERT INTO forecasts (restaurant_id, business_date, menu_item_id, date, quantity, lower, upper, drivers)
    SELECT %s, %s, day.menu_item_id, day.date, day.quantity, day.lower, day.upper, day.drivers
    FROM jsonb_to_recordset(%s) AS day
        (menu_item_id uuid, date date, quantity numeric, lower numeric, upper numeric, drivers jsonb)
"""


def store_run(
    cursor: Cursor[TupleRow],
    restaurant_id: RestaurantId,
    date: dt.date,
    *,
    model_version: str,
    predictions: list[Prediction],
) -> int:
    """Store a run and its forecasts in the running transaction; returns how many forecasts.

    The run's row is written first: of two workers with the same run, one waits for the other.
    """
    rows = [
        {"menu_item_id": str(prediction.menu_item_id), **day.model_dump(mode="json")}
        for prediction in predictions
        for day in prediction.forecasts
    ]
    cursor.execute(_RUN, [restaurant_id, date, model_version])
    cursor.execute("DELETE FROM forecasts WHERE business_date = %s", [date])
    cursor.execute(_FORECASTS, [restaurant_id, date, Jsonb(rows)])
    return len(rows)
