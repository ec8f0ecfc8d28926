"""Runs in a function's process, beside AWS's runtime client, and tells what its handler took.

BENCH_HANDLER: the handler's module. The answer's `cpu` is what the process has used since it was started, `wall` what
the handler took; both in milliseconds.
"""

import importlib
import os
import time

_handle = importlib.import_module(os.environ["BENCH_HANDLER"]).handler


def handler(event: dict[str, object], context: object) -> dict[str, object]:
    """Answer as the handler does, and say what it took."""
    began = time.perf_counter()
    answer: dict[str, object] = _handle(event, context)
    wall = time.perf_counter() - began
    return {**answer, "wall": 1000 * wall, "cpu": 1000 * time.process_time()}
