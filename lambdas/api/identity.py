"""Who is calling: the bearer token of a request, and whether it is anybody whom Flux knows."""

from collections.abc import Awaitable, Callable
from http import HTTPStatus
from typing import Annotated

from fastapi import Request, Security
from fastapi.security import HTTPBearer
from starlette.types import Scope

from flux_core.logs import logger
from flux_core.problems import Problem

from .errors import ProblemError
from .tokens import AccessTokens, Caller, InvalidTokenError

# For the OpenAPI document alone: what is wrong with a token is said below.
_BEARER = HTTPBearer(scheme_name="bearer", description="From POST /api/v1/auth/token.", auto_error=False)


def require_caller(tokens: AccessTokens) -> Callable[[Request, object], Awaitable[Caller]]:
    """A dependency that gives a route its caller, and refuses a request that has none."""

    async def caller(request: Request, _: Annotated[object, Security(_BEARER)]) -> Caller:
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        if scheme.lower() != "bearer" or not token:
            raise refusal("This needs a bearer token; get one from POST /api/v1/auth/token.")
        try:
            caller = tokens.read(token.strip())
        except InvalidTokenError as error:
            logger.info("token refused", extra={"reason": str(error)})
            raise refusal("The token is invalid or expired; get a new one from POST /api/v1/auth/token.") from error
        logger.append_keys(restaurant_id=str(caller.restaurant_id), user_id=str(caller.sub))
        know(request)
        return caller

    return caller


def know(request: Request) -> None:
    """Note that the request speaks for one of Flux's users: what becomes of it is what owners get."""
    request.state.known = True


def is_known(scope: Scope) -> bool:
    """Whether `know` was told so of the request with this scope."""
    return scope["state"].get("known") is True


def refusal(detail: str) -> ProblemError:
    """Nobody whom Flux knows is calling."""
    return ProblemError(
        Problem(status=HTTPStatus.UNAUTHORIZED, detail=detail), headers={"www-authenticate": 'Bearer realm="flux-api"'}
    )
