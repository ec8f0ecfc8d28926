"""The metric that the canary's alarms watch. A 5xx response is no error of Lambda's, so the api counts its own."""

import json
import time

from aws_lambda_powertools.utilities.typing import LambdaContext

NAMESPACE = "Flux"
SERVER_ERRORS = "ServerErrors"
DIMENSIONS = [["FunctionName", "ExecutedVersion"], ["FunctionName", "Resource"]]


def count_server_error(context: LambdaContext) -> None:
    """Count one 5xx response, by executed version and, as Lambda's own metrics are, by what was invoked.

    The second tells what people get through the alias from what the release gate gets from a version.
    Printed as a line of CloudWatch's embedded metric format. Not by Powertools, which adds `service` to the dimensions
    whenever POWERTOOLS_SERVICE_NAME is set: an alarm must name a metric's dimensions exactly.
    """
    metric = {"Name": SERVER_ERRORS, "Unit": "Count"}
    directive = {"Namespace": NAMESPACE, "Dimensions": DIMENSIONS, "Metrics": [metric]}
    line = {
        "_aws": {"Timestamp": int(time.time() * 1000), "CloudWatchMetrics": [directive]},
        "FunctionName": context.function_name,
        "Resource": f"{context.function_name}:{context.invoked_function_arn.split(':', 7)[-1]}",
        "ExecutedVersion": context.function_version,
        SERVER_ERRORS: 1,
    }
    print(json.dumps(line), flush=True)  # noqa: T201 - CloudWatch reads it from standard output
