"""Metrics for CloudWatch, printed as lines of its embedded metric format.

Not by Powertools, which adds `service` to the dimensions whenever POWERTOOLS_SERVICE_NAME is set: an alarm must name a
metric's dimensions exactly.
"""

import json
import os
import time

NAMESPACE = "Flux"


def report_postponed(*, queue: str, age: float, reason: str) -> None:
    """Count one postponed message of a queue, and say how long ago it was first sent.

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
