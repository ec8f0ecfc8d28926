"""The model behind the SageMaker endpoint: what it is asked, and what it may answer."""

import datetime as dt
import json
from collections.abc import Collection, Iterable
from itertools import groupby
from typing import TYPE_CHECKING, Annotated, Self
from uuid import UUID

from botocore.exceptions import BotoCoreError, ClientError
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator
from urllib3.exceptions import HTTPError

from flux_core.away import is_away

from .history import DaySold

if TYPE_CHECKING:
    from mypy_boto3_sagemaker_runtime import SageMakerRuntimeClient

HORIZON = 7  # days, the business date among them

# Seven days of a menu item take 1.5 KiB or so; SageMaker itself takes no more (API reference, InvokeEndpoint).
MAX_BYTES = 25 * 1024 * 1024

# SageMaker Runtime's words for a model that is busy, fails or hangs (API reference, InvokeEndpoint, "Errors").
_AWAY = ("ModelError", "ModelNotReadyException", "InternalDependencyException", "InternalFailure", "ServiceUnavailable")


class ModelError(RuntimeError):
    """The model's answer cannot be trusted; nothing of it is stored."""


class ModelUnavailableError(ModelError):
    """The model cannot be asked, or does not answer in time."""


# Above what numeric(12, 3) holds, a quantity is an error anyway.
Units = Annotated[float, Field(ge=0, lt=1e9, allow_inf_nan=False)]


class _Strict(BaseModel):
    model_config = ConfigDict(strict=True, frozen=True)


class Day(_Strict):
    """One day's forecast, in sold units.

    lower, upper: the interval around quantity.
    drivers: how much each cause moves it.
    """

    date: dt.date
    quantity: Units
    lower: Units
    upper: Units
    drivers: dict[str, Annotated[float, Field(allow_inf_nan=False)]]

    @model_validator(mode="after")
    def _interval_holds_quantity(self) -> Self:
        if not self.lower <= self.quantity <= self.upper:
            raise ValueError(f"quantity {self.quantity} lies outside {self.lower} to {self.upper}")
        return self


class Prediction(_Strict):
    """One menu item's forecasts."""

    menu_item_id: UUID
    forecasts: list[Day]


class Answer(_Strict):
    """The model's answer."""

    model_version: Annotated[str, Field(min_length=1, max_length=200)]
    predictions: list[Prediction]


class Model:
    """Asks the endpoint, whose answers have MAX_BYTES at the most: the client sees to that."""

    def __init__(self, client: "SageMakerRuntimeClient", *, endpoint: str) -> None:
        self._client = client
        self._endpoint = endpoint

    def forecast(self, history: Iterable[DaySold], start: dt.date) -> Answer:
        """Seven days from `start` for every menu item in the history, which is sorted by item.

        Raises:
            ModelUnavailableError: the endpoint is away, hangs or fails.
            ModelError: its answer is malformed, incomplete or absurd.
        """
        items = {
            item_id: [{"date": str(day.date), "quantity": float(day.quantity)} for day in days]
            for item_id, days in groupby(history, key=lambda day: day.menu_item_id)
        }
        instances = [
            {"menu_item_id": str(item_id), "history": days, "start": str(start), "days": HORIZON}
            for item_id, days in items.items()
        ]
        body = json.dumps({"instances": instances}).encode()
        try:
            response = self._client.invoke_endpoint(
                EndpointName=self._endpoint, ContentType="application/json", Accept="application/json", Body=body
            )
            answer = Answer.model_validate_json(response["Body"].read())
        except ClientError as error:
            named = ModelUnavailableError if is_away(error) or error.response["Error"]["Code"] in _AWAY else ModelError
            # Without its message, in which SageMaker quotes what the container has answered.
            raise named(f"endpoint {self._endpoint} does not answer: {error.response['Error']['Code']}") from None
        except (BotoCoreError, HTTPError) as error:
            raise ModelUnavailableError(f"endpoint {self._endpoint} does not answer: {error}") from error
        except ValidationError as error:
            first = error.errors(include_url=False)[0]
            if first["type"] == "json_invalid":  # whoever wrote that is not the model
                raise ModelUnavailableError(f"endpoint {self._endpoint} answers with no JSON: {first['msg']}") from None
            where = ".".join(map(str, first["loc"]))
            raise ModelError(
                f"{error.error_count()} faults in the model's answer, first {where}: {first['msg']}"
            ) from None
        _require_complete(answer, items.keys(), start)
        return answer


def _require_complete(answer: Answer, asked: Collection[UUID], start: dt.date) -> None:
    predicted = [prediction.menu_item_id for prediction in answer.predictions]
    if len(predicted) != len(asked) or set(predicted) != set(asked):
        raise ModelError(f"the model was asked for {len(asked)} menu items and answers for {len(predicted)}, or others")
    wanted = [start + dt.timedelta(days=number) for number in range(HORIZON)]
    for prediction in answer.predictions:
        if [day.date for day in prediction.forecasts] != wanted:
            raise ModelError(f"the model does not forecast {wanted[0]} to {wanted[-1]} for {prediction.menu_item_id}")
