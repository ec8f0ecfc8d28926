"""SageMaker Runtime on the loopback: the first seven days of whatever it is asked, unless a test says otherwise."""

import datetime as dt
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from pydantic import JsonValue

from .http import OF_AWS, Reply, Request, serving

type Answer = dict[str, JsonValue]


def mean_of_history(request: Request) -> Answer:
    """A model that forecasts the mean of each item's history."""
    asked = json.loads(request.body)
    return {
        "model_version": "mean-1",
        "predictions": [
            {
                "menu_item_id": instance["menu_item_id"],
                "forecasts": [
                    _day(instance, dt.date.fromisoformat(instance["start"]) + dt.timedelta(days=number))
                    for number in range(instance["days"])
                ],
            }
            for instance in asked["instances"]
        ],
    }


def _day(instance: dict[str, list[dict[str, float]]], date: dt.date) -> Answer:
    quantities = [day["quantity"] for day in instance["history"]]
    mean = sum(quantities) / len(quantities)
    return {"date": date.isoformat(), "quantity": mean, "lower": 0.0, "upper": 2 * mean, "drivers": {"mean": mean}}


@contextmanager
def sagemaker(model: Callable[[Request], Answer] = mean_of_history) -> Iterator[list[Request]]:
    """Lead the AWS SDK to the model; gives the requests that it gets."""
    requests: list[Request] = []

    def answer(request: Request) -> Reply:
        requests.append(request)
        return Reply(body=json.dumps(model(request)).encode(), headers=OF_AWS | {"content-type": "application/json"})

    with serving(answer) as url, pytest.MonkeyPatch.context() as patch:
        patch.setenv("AWS_ENDPOINT_URL_SAGEMAKER_RUNTIME", url)
        yield requests
