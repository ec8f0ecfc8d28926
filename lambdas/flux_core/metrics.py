"""Counting how Flux does: a line of CloudWatch's embedded metric format for each invocation that counted something.

A reason has a line of its own, because a line's dimensions hold for all metrics in it.
"""

import json
import os
import time
from collections import Counter, defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from aws_lambda_powertools.metrics import EphemeralMetrics

from .vocabulary import Metric

if TYPE_CHECKING:
    from pydantic import JsonValue

NAMESPACE = "Flux"

# Of the invocation. An instance of Lambda has one at a time.
_counts: Counter[tuple[Metric, str | None]] = Counter()
_values: defaultdict[Metric, list[float]] = defaultdict(list)
_told: "dict[str, JsonValue]" = {}


def count(metric: Metric, number: int = 1, *, reason: str | None = None) -> None:
    """Count so many more.

    Raises:
        ValueError: the vocabulary knows no such reason, or none is given where it knows some.
    """
    if (reason or "") not in (metric.reasons or ("",)):
        raise ValueError(
            f"{metric.name}: reason {reason!r} is not one of {metric.reasons}; see flux_core/vocabulary.py"
        )
    _counts[metric, reason] += number


def record(metric: Metric, value: float) -> None:
    """Report one value, in the metric's unit."""
    _values[metric].append(round(value, 1))


def tell(name: str, value: "JsonValue") -> None:
    """Write into the line of the counts what no dimension may hold: whose request it was, which restaurant."""
    _told[name] = value


@contextmanager
def metered(*, rehearsal: bool = False) -> Iterator[None]:
    """Report what one invocation counts when it ends, however it ends.

    rehearsal: nothing is reported: its work is nobody's, and would look like restaurants'.
    """
    _clear()
    try:
        yield
    finally:
        if not rehearsal:
            _print()
        _clear()


def _clear() -> None:
    for each in (_counts, _values, _told):
        each.clear()


def _print() -> None:
    """Print the lines. Powertools prints one by itself when a metric has 100 values, which is CloudWatch's limit."""
    plain = {metric: float(number) for (metric, reason), number in _counts.items() if reason is None}
    _print_line({**{metric: [number] for metric, number in plain.items()}, **_values})
    for (metric, reason), number in _counts.items():
        if reason is not None:
            _print_line({metric: [float(number)]}, reason=reason)


def _print_line(values: dict[Metric, list[float]], *, reason: str | None = None) -> None:
    if not values:
        return
    dimensions = {"Environment": os.environ["FLUX_ENVIRONMENT"], "service": next(iter(values)).service}
    line = EphemeralMetrics(namespace=NAMESPACE, default_dimensions=dimensions)
    if reason is not None:
        line.add_dimensions(Reason=reason)
    for name, value in _told.items():
        line.add_metadata(name, value)
    for metric, numbers in values.items():
        for number in numbers:
            line.add_metric(metric.name, metric.unit, number)
    if line.metric_set:  # else Powertools has just printed it
        line.flush_metrics()


def report_postponed(*, queue: str, age: float, reason: str) -> None:
    """Count one postponed message of a queue, and say how long ago it was first sent.

    By hand, and not in the vocabulary: the alarm names the queue, and Powertools would add `service` to the dimensions.

    queue: like `pos-sync`; the alarm on the queue's age names it so (flux_infra/monitoring/queues.py).
    age: seconds.
    reason: for whoever reads the log; no dimension.
    """
    metrics = [{"Name": "MessagesPostponed", "Unit": "Count"}, {"Name": "PostponedMessageAge", "Unit": "Seconds"}]
    line = {
        "_aws": {
            "Timestamp": int(time.time() * 1000),
            "CloudWatchMetrics": [
                {"Namespace": NAMESPACE, "Dimensions": [["Environment", "Queue"]], "Metrics": metrics}
            ],
        },
        "Environment": os.environ["FLUX_ENVIRONMENT"],
        "Queue": queue,
        "MessagesPostponed": 1,
        "PostponedMessageAge": age,
        "reason": reason,
    }
    print(json.dumps(line), flush=True)  # noqa: T201 - CloudWatch reads it from standard output
