"""Access logs of an HTTP API's stage ("Customize HTTP API access logs")."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from .event import Call

_VARIABLE = re.compile(r"\$context\.([A-Za-z0-9_.]+)")


@dataclass(frozen=True, kw_only=True)
class Answered:
    """How a request ended. Milliseconds."""

    status: int
    length: int
    latency: int
    integration_latency: int | None
    integration_error: str


def line(template: str, call: Call, answered: Answered) -> str:
    """The log line in the stage's format; a variable without a value is `-`, as on AWS."""
    values = _values(call, answered)
    return _VARIABLE.sub(lambda found: values.get(found.group(1), "-"), template)


def _values(call: Call, answered: Answered) -> Mapping[str, str]:
    integration = "-" if answered.integration_latency is None else str(answered.integration_latency)
    return {
        "accountId": call.account,
        "apiId": call.api,
        "domainName": call.domain,
        "domainPrefix": call.domain.split(".")[0],
        "extendedRequestId": call.request_id,
        "httpMethod": call.method,
        "identity.sourceIp": call.source_ip,
        "identity.userAgent": call.headers.get("user-agent", "-"),
        "integration.error": answered.integration_error,
        "integration.latency": integration,
        "integrationErrorMessage": answered.integration_error,
        "integrationLatency": integration,
        "path": call.path,
        "protocol": "HTTP/1.1",
        "requestId": call.request_id,
        "requestTime": call.time,
        "requestTimeEpoch": str(int(call.at * 1000)),
        "responseLatency": str(answered.latency),
        "responseLength": str(answered.length),
        "routeKey": call.route,
        "stage": call.stage,
        "status": str(answered.status),
    }
