"""Lambda authorizers of HTTP APIs: ministack asks them well; what is logged and what they are told is corrected here.

ministack honours identity sources, simple responses, the cache and its time to live, and invokes the alias that the
authorizer names. It tells null where AWS tells nothing, and a refused request ends before its route is known.
"""
# ruff: noqa: SLF001 - ministack's private names; each is listed in ministack.txt

from collections.abc import Mapping
from dataclasses import replace

from ministack.services import apigateway

from .gateway_integration import RawHeaders, RawResponse, progress_of_request
from .values import Json

type Decided = tuple[RawResponse | None, Mapping[str, Json] | None]


def install() -> None:
    """Ask authorizers as API Gateway does."""
    authorize, ask = apigateway._authorize_request_v2, apigateway._invoke_request_authorizer_lambda

    async def authorized(  # noqa: PLR0913, PLR0917 - ministack's parameters
        api_id: str,
        stage: str,
        route: Mapping[str, str],
        method: str,
        path: str,
        resource_path: str,
        headers: RawHeaders,
        query_params: object,
        path_params: Mapping[str, str],
        stage_vars: Mapping[str, str],
        owner_account_id: str,
        owner_region: str,
        raw_query_string: str | None = None,
    ) -> Decided:
        progress = progress_of_request.get()
        if progress is not None:  # a refused request has a route, too, in the access log
            progress.call = replace(progress.call, route=route.get("routeKey", "$default"), path_parameters=path_params)
        decided: Decided = await authorize(
            api_id,
            stage,
            route,
            method,
            path,
            resource_path,
            headers,
            query_params,
            path_params,
            stage_vars,
            owner_account_id,
            owner_region,
            raw_query_string,
        )
        return decided

    async def asked(
        authorizer: Mapping[str, Json], event: Mapping[str, Json], account_id: str, region: str
    ) -> Mapping[str, Json] | None:
        told = {name: value for name, value in event.items() if value is not None}
        answer: Mapping[str, Json] | None = await ask(authorizer, told, account_id, region)
        return answer

    apigateway._authorize_request_v2 = authorized
    apigateway._invoke_request_authorizer_lambda = asked
