"""What owners get: the metrics by which alarms stop a release.

A 5xx response is no error of Lambda's, so the api counts its own. It counts requests of those whom it knows and no
others: whatever a stranger sends, it neither stops a good release nor hides a bad one among many refusals.
"""

import json
import time

from aws_lambda_powertools.utilities.typing import LambdaContext

NAMESPACE = "Flux"
REQUESTS = "Requests"
SERVER_ERRORS = "ServerErrors"
LATENCY = "Latency"
DIMENSIONS = [["FunctionName", "ExecutedVersion"], ["FunctionName", "Resource"]]
_UNITS = {REQUESTS: "Count", SERVER_ERRORS: "Count", LATENCY: "Milliseconds"}


def count_request(context: LambdaContext, *, failed: bool, milliseconds: float) -> None:
    """Count one request of somebody known, by executed version and, as Lambda's own metrics are, by what was invoked.

    The second tells what people get through the alias from what the release gate gets from a version.
    Printed as a line of CloudWatch's embedded metric format. Not by Powertools, which adds `service` to the dimensions
    whenever POWERTOOLS_SERVICE_NAME is set: an alarm must name a metric's dimensions exactly.

    failed: it was answered with a 5xx.
    """
    metrics = [{"Name": name, "Unit": unit} for name, unit in _UNITS.items()]
    directive = {"Namespace": NAMESPACE, "Dimensions": DIMENSIONS, "Metrics": metrics}
    line = {
        "_aws": {"Timestamp": int(time.time() * 1000), "CloudWatchMetrics": [directive]},
        "FunctionName": context.function_name,
        "Resource": f"{context.function_name}:{context.invoked_function_arn.split(':', 7)[-1]}",
        "ExecutedVersion": context.function_version,
        REQUESTS: 1,
        SERVER_ERRORS: int(failed),
        LATENCY: round(milliseconds, 1),
    }
    print(json.dumps(line), flush=True)  # noqa: T201 - CloudWatch reads it from standard output
