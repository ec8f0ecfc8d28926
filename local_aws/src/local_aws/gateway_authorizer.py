"""Lambda authorizers of HTTP APIs: ministack asks them well; what is logged and what they are told is corrected here.

ministack honours identity sources, simple responses, the cache and its time to live, and invokes the alias that the
authorizer names. It tells null where AWS tells nothing, and a refused request ends before its route is known.
"""
# ruff: noqa: SLF001 - ministack's private names; each is listed in ministack.txt

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from inspect import signature

from ministack.services import apigateway

from .gateway_integration import progress_of_request
from .values import Json


def _noting_the_route[**P, Decided](authorize: Callable[P, Awaitable[Decided]]) -> Callable[P, Awaitable[Decided]]:
    """A refused request has a route, too, in the access log."""
    parameters = signature(authorize)

    async def authorized(*args: P.args, **kwargs: P.kwargs) -> Decided:
        progress = progress_of_request.get()
        bound = parameters.bind(*args, **kwargs)
        if progress is not None:
            told = bound.arguments
            told["method"] = progress.call.method  # as the client sent it
            route: Mapping[str, str] = told["route"]
            progress.call = replace(
                progress.call, route=route.get("routeKey", "$default"), path_parameters=told["path_params"]
            )
        return await authorize(*bound.args, **bound.kwargs)

    return authorized


def install() -> None:
    """Ask authorizers as API Gateway does."""
    ask = apigateway._invoke_request_authorizer_lambda

    async def asked(
        authorizer: Mapping[str, Json], event: Mapping[str, Json], account_id: str, region: str
    ) -> Mapping[str, Json] | None:
        told = {name: value for name, value in event.items() if value is not None}
        answer: Mapping[str, Json] | None = await ask(authorizer, told, account_id, region)
        return answer

    apigateway._authorize_request_v2 = _noting_the_route(apigateway._authorize_request_v2)
    apigateway._invoke_request_authorizer_lambda = asked
