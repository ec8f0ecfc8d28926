"""The step from a route of an HTTP API to its function: in place of ministack's own."""
# ruff: noqa: SLF001 - ministack's private names; each is listed in ministack.txt

import time
from collections.abc import Mapping
from contextvars import ContextVar
from dataclasses import dataclass, replace

from ministack.core.concurrency import run_reentrant
from ministack.services import apigateway, lambda_svc

from .http_api import response
from .http_api.event import Call, event
from .http_api.response import Response
from .values import Json

type RawHeaders = Mapping[str, str]
type RawResponse = tuple[int, dict[str, str | list[str]], bytes]


@dataclass(kw_only=True)
class Progress:
    """What the integration learns about a request, for its access log."""

    call: Call
    integration_latency: int | None = None
    integration_error: str = "-"


progress_of_request: ContextVar[Progress | None] = ContextVar("progress", default=None)


async def invoke(  # noqa: PLR0913, PLR0917 - ministack's parameters
    integration: Mapping[str, Json],
    api_id: str,
    stage: str,
    path: str,
    method: str,
    headers: RawHeaders,
    body: bytes,
    query_params: object,
    route_key: str = "$default",
    path_params: Mapping[str, str] | None = None,
    *,
    authorizer_claims: Mapping[str, Json] | None = None,
    authorizer_scopes: list[Json] | None = None,
    authorizer_lambda_context: Mapping[str, Json] | None = None,
    authorizer_iam: Mapping[str, Json] | None = None,
    owner_account_id: str | None = None,
    owner_region: str | None = None,
    raw_query_string: str | None = None,
) -> RawResponse:
    """Invoke the integration's function: in place of ministack's `_invoke_lambda_proxy`."""
    del api_id, stage, path, method, headers, body, query_params, raw_query_string
    progress = progress_of_request.get()
    if progress is None:
        raise AssertionError("an integration is only reached through a route")
    authorizer = _authorizer(authorizer_claims, authorizer_scopes, authorizer_lambda_context, authorizer_iam)
    progress.call = replace(progress.call, route=route_key, path_parameters=path_params or {}, authorizer=authorizer)
    reference = apigateway._extract_lambda_ref_from_integration_uri(integration.get("integrationUri", ""))
    record, configured, _ = lambda_svc._get_func_record_for_ref_in_scope(
        reference, account_id=owner_account_id, region=owner_region
    )
    began = time.monotonic()
    if record is None:
        answer = response.failed(f"the function {reference} does not exist")
    else:
        executable = lambda_svc._execution_record_for_config(record, configured)
        result = await run_reentrant(
            lambda_svc._execute_function_with_config_scope, executable, event(progress.call), thread_name="http-api"
        )
        answer = _answer(result)
    progress.integration_latency = int((time.monotonic() - began) * 1000)
    progress.integration_error = answer.integration_error
    return answer.status, answer.headers, answer.body


def _answer(result: Mapping[str, Json]) -> Response:
    if result.get("throttle"):
        return response.throttled()
    if result.get("error"):
        return response.failed(result.get("body"))
    return response.of_payload(result.get("body"))


def _authorizer(
    claims: Mapping[str, Json] | None,
    scopes: list[Json] | None,
    context: Mapping[str, Json] | None,
    iam: Mapping[str, Json] | None,
) -> dict[str, Json] | None:
    if claims is not None:
        texts = {name: apigateway._jwt_claim_to_string(value) for name, value in claims.items()}
        return {"jwt": {"claims": texts, "scopes": scopes or []}}
    if context is not None:
        return {"lambda": dict(context)}
    return None if iam is None else {"iam": dict(iam)}
