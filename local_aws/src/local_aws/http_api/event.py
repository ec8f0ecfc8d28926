"""The event of a Lambda proxy integration, payload format 2.0 ("Working with AWS Lambda proxy integrations")."""

import base64
import time
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import parse_qsl

from ..values import Json

_TEXT_TYPES = ("application/json", "application/xml", "application/javascript")


@dataclass(frozen=True, kw_only=True)
class Call:
    """One request to a route.

    path: as the function shall see it, with the stage unless that is `$default`. query: as the client sent it.
    headers: names in lower case; a repeated one joined by commas.
    authorizer: what `requestContext.authorizer` shall hold, if the route has one.
    at: seconds since the epoch.
    """

    account: str
    api: str
    domain: str
    stage: str
    route: str
    request_id: str
    method: str
    path: str
    query: str
    headers: Mapping[str, str]
    body: bytes
    path_parameters: Mapping[str, str]
    source_ip: str
    at: float
    authorizer: Mapping[str, Json] | None = None

    @property
    def time(self) -> str:
        """The moment in Common Log Format, as `$context.requestTime` gives it."""
        return time.strftime("%d/%b/%Y:%H:%M:%S +0000", time.gmtime(self.at))


def event(call: Call) -> dict[str, Json]:
    """The event for the function. What a request lacks is left out, never null, as on AWS."""
    headers: dict[str, Json] = {name: value for name, value in call.headers.items() if name != "cookie"}
    # What API Gateway itself adds; clients reach it through TLS only.
    headers |= {"host": call.domain, "x-forwarded-port": "443", "x-forwarded-proto": "https"}
    made: dict[str, Json] = {
        "version": "2.0",
        "routeKey": call.route,
        "rawPath": call.path,
        "rawQueryString": call.query,
        "headers": headers,
        "requestContext": _context(call),
        "isBase64Encoded": False,
    }
    if "cookie" in call.headers:
        made["cookies"] = [cookie.strip() for cookie in call.headers["cookie"].split(";")]
    if call.query:
        made["queryStringParameters"] = _query_parameters(call.query)
    if call.path_parameters:
        made["pathParameters"] = dict(call.path_parameters)
    if call.body:
        made |= _body(call)
    return made


def _context(call: Call) -> dict[str, Json]:
    context: dict[str, Json] = {
        "accountId": call.account,
        "apiId": call.api,
        "domainName": call.domain,
        "domainPrefix": call.domain.split(".")[0],
        "http": {
            "method": call.method,
            "path": call.path,
            "protocol": "HTTP/1.1",
            "sourceIp": call.source_ip,
            "userAgent": call.headers.get("user-agent", ""),
        },
        "requestId": call.request_id,
        "routeKey": call.route,
        "stage": call.stage,
        "time": call.time,
        "timeEpoch": int(call.at * 1000),
    }
    if call.authorizer is not None:
        context["authorizer"] = dict(call.authorizer)
    return context


def _query_parameters(query: str) -> dict[str, Json]:
    """Each parameter once; the values of a repeated one joined by commas."""
    joined: dict[str, Json] = {}
    for name, value in parse_qsl(query, keep_blank_values=True):
        joined[name] = f"{joined[name]},{value}" if name in joined else value
    return joined


def _body(call: Call) -> dict[str, Json]:
    """Text types as text, everything else in base64."""
    kind = call.headers.get("content-type", "").split(";")[0].strip().lower()
    if kind.startswith("text/") or kind in _TEXT_TYPES:
        return {"body": call.body.decode(errors="replace"), "isBase64Encoded": False}
    return {"body": base64.b64encode(call.body).decode(), "isBase64Encoded": True}
