"""The metric that the canary's alarms watch. A 5xx response is no error of Lambda's, so the api counts its own."""

import json
import time
from typing import Protocol

NAMESPACE = "Flux"
SERVER_ERRORS = "ServerErrors"
DIMENSIONS = [["FunctionName", "ExecutedVersion"], ["FunctionName", "Resource"]]


class Execution(Protocol):
    """What Lambda's context says about the function that runs."""

    @property
    def function_name(self) -> str:
        """Its name."""

    @property
    def invoked_function_arn(self) -> str:
        """Whom the caller asked: an alias or a version."""

    @property
    def function_version(self) -> str:
        """Its version, which an alias hides from metrics of Lambda's own."""


def count_server_error(execution: Execution) -> None:
    """Count one 5xx response, by executed version and, as Lambda's own metrics are, by what was invoked.

    The second tells what people get through the alias from what the release gate gets from a version.
    Printed as a line of CloudWatch's embedded metric format. Not by Powertools, which adds `service` to the dimensions
    whenever POWERTOOLS_SERVICE_NAME is set: an alarm must name a metric's dimensions exactly.
    """
    metric = {"Name": SERVER_ERRORS, "Unit": "Count"}
    directive = {"Namespace": NAMESPACE, "Dimensions": DIMENSIONS, "Metrics": [metric]}
    line = {
        "_aws": {"Timestamp": int(time.time() * 1000), "CloudWatchMetrics": [directive]},
        "FunctionName": execution.function_name,
        "Resource": f"{execution.function_name}:{execution.invoked_function_arn.split(':', 7)[-1]}",
        "ExecutedVersion": execution.function_version,
        SERVER_ERRORS: 1,
    }
    print(json.dumps(line), flush=True)  # noqa: T201 - CloudWatch reads it from standard output
