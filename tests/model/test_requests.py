"""Which requests the served model takes, and how it refuses the others."""

import ast
import json
from datetime import date, timedelta
from pathlib import Path

import pytest

from model.code import inference
from model.code.inference import InvalidRequestError, input_fn, model_fn, output_fn, predict_fn

type Json = dict[str, object]

GOOD: Json = {
    "menu_item_id": "0190",
    "history": [{"date": "2026-11-20", "quantity": 3}, {"date": "2026-11-22", "quantity": 4.5}],
    "start": "2026-11-23",
    "days": 7,
}


def request(**changes: object) -> str:
    return json.dumps({"instances": [{**GOOD, **changes}]})


def test_a_request_as_the_forecast_worker_sends_it_is_answered(tmp_path: Path) -> None:
    parameters = {
        "level_half_life": 21.0,
        "weekday_half_life": 120.0,
        "pooling": 8.0,
        "dispersion": 1.5,
        "dispersion_days": 14.0,
        "lower_z": 1.4,
        "upper_z": 1.4,
    }
    (tmp_path / "parameters.json").write_text(json.dumps({"model_version": "weekday-1", "parameters": parameters}))
    body, content_type = output_fn(
        predict_fn(input_fn(request(), "application/json; charset=utf-8"), model_fn(str(tmp_path))), "*/*"
    )
    answer = json.loads(body)
    assert content_type == "application/json"
    assert answer["model_version"] == "weekday-1"
    [prediction] = answer["predictions"]
    assert prediction["menu_item_id"] == "0190"
    assert [day["date"] for day in prediction["forecasts"]] == [f"2026-11-{day}" for day in range(23, 30)]


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ("{", "not JSON"),
        ("[]", "instances must be a list"),
        ('{"instances": []}', "instances must be a list of 1 to 1000"),
        ('{"instances": [1]}', r"instances\[0\] must be an object"),
        (request(menu_item_id=""), "menu_item_id must be a text"),
        (request(menu_item_id=7), "menu_item_id must be a text"),
        (request(start="23.11.2026"), "start must be a date"),
        (request(start=None), "start must be a date"),
        (request(days=0), "days must be a whole number from 1 to 31"),
        (request(days=32), "days must be a whole number from 1 to 31"),
        (request(days=True), "days must be a whole number from 1 to 31"),
        (request(days=1.5), "days must be a whole number from 1 to 31"),
        (request(history=None), "history must be a list"),
        (request(history=[5]), r"history\[0\] must be an object"),
        (request(history=[{"date": "2026-11-20"}]), r"history\[0\].quantity must be a number"),
        (request(history=[{"date": "2026-11-20", "quantity": "3"}]), r"history\[0\].quantity must be a number"),
        (request(history=[{"date": "2026-11-20", "quantity": True}]), r"history\[0\].quantity must be a number"),
        (request(history=[{"date": "2026-11-20", "quantity": -1}]), r"history\[0\].quantity must be a number"),
        (request(history=[{"date": "2026-11-20", "quantity": 1e300}]), r"history\[0\].quantity must be a number"),
        (request(history=[{"date": "2026-11-20", "quantity": float("nan")}]), "NaN is not a number of JSON"),
        (request(history=[{"date": "2026-11-20", "quantity": float("inf")}]), "Infinity is not a number of JSON"),
        (request(history=[{"date": "yesterday", "quantity": 1}]), r"history\[0\].date must be a date"),
        (request(history=[{"date": "2026-11-23", "quantity": 1}]), r"history\[0\].date must be before start"),
        (
            request(history=[{"date": "2026-11-20", "quantity": 1}, {"date": "2026-11-19", "quantity": 1}]),
            r"history\[1\].date must be later than the date before it",
        ),
        (
            request(history=[{"date": "2026-11-20", "quantity": 1}, {"date": "2026-11-20", "quantity": 1}]),
            r"history\[1\].date must be later than the date before it",
        ),
        (json.dumps({"instances": [GOOD, GOOD]}), "must not name a menu_item_id twice"),
    ],
)
def test_a_bad_request_is_refused_with_the_field_and_its_rule(body: str, reason: str) -> None:
    with pytest.raises(InvalidRequestError, match=reason):
        input_fn(body, "application/json")


def test_a_number_too_large_for_a_float_is_refused() -> None:
    body = request().replace("4.5", "9" * 400)
    with pytest.raises(InvalidRequestError, match=r"history\[1\].quantity must be a number"):
        input_fn(body, "application/json")


def test_more_items_than_a_restaurant_has_are_refused() -> None:
    body = json.dumps({"instances": [{**GOOD, "menu_item_id": str(number)} for number in range(1001)]})
    with pytest.raises(InvalidRequestError, match="list of 1 to 1000"):
        input_fn(body, "application/json")


def test_more_history_than_a_year_is_refused() -> None:
    first = date(2025, 1, 1)
    history = [{"date": str(first + timedelta(days=number)), "quantity": 1} for number in range(401)]
    with pytest.raises(InvalidRequestError, match="at most 400 days"):
        input_fn(request(history=history), "application/json")


def test_another_content_type_is_refused() -> None:
    with pytest.raises(InvalidRequestError, match=r"'text/csv' is not application/json"):
        input_fn("a,b", "text/csv")


def test_the_inference_code_is_python_3_9_and_imports_only_the_standard_library() -> None:
    source = Path(inference.__file__).read_text()
    tree = ast.parse(source, feature_version=(3, 9))
    imported = {
        name.split(".")[0]
        for node in ast.walk(tree)
        for name in (
            [alias.name for alias in node.names]
            if isinstance(node, ast.Import)
            else [node.module or ""]
            if isinstance(node, ast.ImportFrom)
            else []
        )
    }
    assert imported <= {"__future__", "collections", "datetime", "json", "math", "pathlib", "typing"}
