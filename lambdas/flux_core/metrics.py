"""Metrics for CloudWatch, printed as lines of its embedded metric format.

Not by Powertools, which adds `service` to the dimensions whenever POWERTOOLS_SERVICE_NAME is set: an alarm must name a
metric's dimensions exactly.
"""

import json
import os
import time

NAMESPACE = "Flux"


def report_postponed(*, age: float, reason: str) -> None:
    """Count one postponed message of this function, and say how long ago it was first sent.

    age: seconds.
    reason: for whoever reads the log; no dimension.
    """
    metrics = [{"Name": "MessagesPostponed", "Unit": "Count"}, {"Name": "PostponedMessageAge", "Unit": "Seconds"}]
    line = {
        "_aws": {
            "Timestamp": int(time.time() * 1000),
            "CloudWatchMetrics": [{"Namespace": NAMESPACE, "Dimensions": [["FunctionName"]], "Metrics": metrics}],
        },
        "FunctionName": os.environ.get("AWS_LAMBDA_FUNCTION_NAME", "outside-lambda"),
        "MessagesPostponed": 1,
        "PostponedMessageAge": age,
        "reason": reason,
    }
    print(json.dumps(line), flush=True)  # noqa: T201 - CloudWatch reads it from standard output
