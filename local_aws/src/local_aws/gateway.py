"""HTTP APIs: under their real host names, with the events, answers, access logs and metrics of API Gateway.

ministack answers only to names below its own, passes null where AWS passes nothing, forgets cookies, answers 502
with the function's error where AWS answers 500 without it, and refuses OPTIONS where no CORS is configured: there API
Gateway looks for a route, as for any method ("Configure CORS for HTTP APIs": it answers by itself "if you configure
CORS").
"""
# ruff: noqa: SLF001 - ministack's private names; each is listed in ministack.txt

import re
import secrets
import time
from collections.abc import Awaitable, Callable, Mapping
from inspect import signature
from uuid import uuid4

from ministack import app
from ministack.services import apigateway

from .function_processes import write_log
from .gateway_integration import Progress, RawResponse, invoke, progress_of_request
from .http_api.access_log import Answered, line
from .http_api.event import Call
from .metrics import publish
from .resources import Completed, register
from .runtime.function import LogLine
from .settings import REGION
from .telemetry.sample import Sample
from .values import Json, Properties

DOMAIN = f"{REGION}.amazonaws.com"
HOST = re.compile(r"([a-z0-9]{8,10})\.execute-api\.(?:localhost|127\.0\.0\.1|[a-z0-9-]+\.amazonaws\.com)(?::\d+)?")
"""The names of an HTTP API: its own, and one that this machine's resolver finds."""

# How OPTIONS is told to ministack where it shall not answer by itself.
_ROUTED_OPTIONS = "options"

type Route = Mapping[str, Json]


def _observed[**P](execute: Callable[P, Awaitable[RawResponse]]) -> Callable[P, Awaitable[RawResponse]]:
    """Answer requests as before, and log and count them."""
    parameters = signature(execute)

    async def observed(*args: P.args, **kwargs: P.kwargs) -> RawResponse:
        bound = parameters.bind(*args, **kwargs)
        told = bound.arguments
        api, stage, path = told["api_id"], told["stage"], told["path"]
        call = Call(
            account=told["owner_account_id"],
            api=api,
            domain=f"{api}.execute-api.{DOMAIN}",
            stage=stage,
            route="-",
            request_id=secrets.token_urlsafe(11) + "=",
            method=told["method"],
            path=path if stage == "$default" else f"/{stage}{path}",
            query=told.get("raw_query_string") or "",
            headers=told["headers"],
            body=told["body"],
            path_parameters={},
            source_ip="127.0.0.1",
            at=time.time(),
        )
        if call.method == "OPTIONS" and not (apigateway._apis.get(api) or {}).get("corsConfiguration"):
            told["method"] = _ROUTED_OPTIONS
        progress = Progress(call=call)
        token = progress_of_request.set(progress)
        began = time.monotonic()
        try:
            status, answered, content = await execute(*bound.args, **bound.kwargs)
        finally:
            progress_of_request.reset(token)
        outcome = Answered(
            status=status,
            length=len(content),
            latency=int((time.monotonic() - began) * 1000),
            integration_latency=progress.integration_latency,
            integration_error=progress.integration_error,
        )
        _log_access(progress.call, outcome)
        publish(_samples(progress.call, outcome, detailed=_detailed(progress.call)))
        return status, {**answered, "apigw-requestid": progress.call.request_id}, content

    return observed


def _match_too(match: Callable[[str, str, str], Route | None]) -> Callable[[str, str, str], Route | None]:
    """Find the route of a request as before, and that of OPTIONS."""

    def matched(api_id: str, method: str, path: str) -> Route | None:
        return match(api_id, "OPTIONS" if method == _ROUTED_OPTIONS else method, path)

    return matched


_STREAM = uuid4().hex


def _stage(call: Call) -> Properties:
    return Properties((apigateway._stages.get(call.api) or {}).get(call.stage) or {})


def _detailed(call: Call) -> bool:
    """Whether the stage's routes, or this one, publish metrics of their own. Templates and the API spell it apart."""
    own = _stage(call).child("routeSettings").child(call.route)
    for settings in (own, _stage(call).child("defaultRouteSettings")):
        for spelling in ("DetailedMetricsEnabled", "detailedMetricsEnabled"):
            if spelling in settings:
                return settings.flag(spelling, default=False)
    return False


def _log_access(call: Call, outcome: Answered) -> None:
    told = _stage(call).child("accessLogSettings")
    if not told.values.get("destinationArn"):
        return
    group = told.text("destinationArn").split(":log-group:")[-1].removesuffix(":*")
    written = LogLine(at=int(call.at * 1000), text=line(told.text("format"), call, outcome))
    write_log(group, f"{call.api}-{call.stage}-{_STREAM}", [written])


def _samples(call: Call, outcome: Answered, *, detailed: bool) -> list[Sample]:
    """What API Gateway publishes about a request ("Working with metrics for HTTP APIs").

    detailed: also by route. A request that reaches no route counts for none.
    """
    values = [
        ("Count", 1.0, "Count"),
        ("4xx", float(400 <= outcome.status < 500), "Count"),
        ("5xx", float(outcome.status >= 500), "Count"),
        ("Latency", float(outcome.latency), "Milliseconds"),
    ]
    if outcome.integration_latency is not None:
        values.append(("IntegrationLatency", float(outcome.integration_latency), "Milliseconds"))
    stage = {"ApiId": call.api, "Stage": call.stage}
    sets = [{"ApiId": call.api}, stage]
    method, _, resource = call.route.partition(" ")
    if detailed and resource:
        sets.append({**stage, "Method": method, "Resource": resource})
    return [
        Sample(namespace="AWS/ApiGateway", name=name, value=value, unit=unit, dimensions=dimensions)
        for name, value, unit in values
        for dimensions in sets
    ]


def _endpoint(api_id: str, properties: Properties) -> Mapping[str, Json]:
    """`Fn::GetAtt` ApiEndpoint is the address on AWS, which CloudFront's origin is made from."""
    scheme = "wss" if properties.text("ProtocolType", "HTTP") == "WEBSOCKET" else "https"
    endpoint = f"{scheme}://{api_id}.execute-api.{DOMAIN}"
    apigateway._apis[api_id]["apiEndpoint"] = endpoint
    return {"ApiEndpoint": endpoint}


def install() -> None:
    """Serve HTTP APIs as API Gateway does."""
    app._EXECUTE_API_RE = re.compile(f"^{HOST.pattern}$")
    apigateway._HOST = DOMAIN
    apigateway._handle_execute_in_scope = _observed(apigateway._handle_execute_in_scope)
    apigateway._match_route = _match_too(apigateway._match_route)
    apigateway._invoke_lambda_proxy = invoke
    register(Completed("AWS::ApiGatewayV2::Api", _endpoint))
