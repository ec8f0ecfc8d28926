"""What every response has in common, whatever route or error it comes from."""

from http import HTTPStatus

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from flux_core.logs import logger
from flux_core.problems import Problem

from .errors import problem_response
from .metrics import count_server_error


class ResponseRules:
    """Adds the request's id, forbids caching, answers for unexpected errors, and counts 5xx responses.

    The scope holds Lambda's context as `aws.context`: Mangum puts it there.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request (ASGI)."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        context = scope["aws.context"]
        status: int | None = None

        async def send_by_the_rules(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                headers = MutableHeaders(scope=message)
                headers["cache-control"] = "no-store"
                headers["x-request-id"] = context.aws_request_id
                if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
                    count_server_error(context)
            await send(message)

        try:
            await self._app(scope, receive, send_by_the_rules)
        except Exception:
            logger.exception("unexpected error", extra={"method": scope["method"], "path": scope["path"]})
            if status is not None:
                raise
            problem = Problem(
                status=HTTPStatus.INTERNAL_SERVER_ERROR,
                detail="Something went wrong on our side; try again, and give us the request id if it stays.",
                members={"request_id": context.aws_request_id},
            )
            await problem_response(problem)(scope, receive, send_by_the_rules)
