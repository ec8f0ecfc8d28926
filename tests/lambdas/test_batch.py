"""How a worker takes a batch of messages."""

import pytest

from flux_core.batch import take

from .support.lambda_events import failed, sqs_event


def test_what_no_time_is_left_for_is_reported_and_what_was_done_is_not() -> None:
    handled: list[str] = []
    event = sqs_event("first", "second", "third")
    answer = take(event, lambda record: handled.append(record.body), has_time=lambda: len(handled) < 2)
    assert handled == ["first", "second"]
    assert failed(answer) == ["2"]


def test_an_empty_batch_fails_nothing() -> None:
    answer = take({"Records": []}, lambda record: pytest.fail(record.body))
    assert answer == {"batchItemFailures": []}
