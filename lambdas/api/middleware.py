"""What every response has in common, whatever route or error it comes from."""

import time
from http import HTTPMethod, HTTPStatus

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from flux_core.deadline import Deadline
from flux_core.logs import logger
from flux_core.problems import Problem
from flux_core.request_id import id_of_request

from .errors import problem_response
from .identity import is_known
from .metrics import count_request


class ResponseRules:
    """Adds the request's id, forbids caching, answers HEAD and unexpected errors, and counts what owners get.

    The scope holds Lambda's context and event as `aws.context` and `aws.event`: Mangum puts them there.

    deadline: begins with each request.
    """

    def __init__(self, app: ASGIApp, *, deadline: Deadline) -> None:
        self._app = app
        self._deadline = deadline

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request (ASGI)."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        began = time.perf_counter()
        context = scope["aws.context"]
        request_id = id_of_request(scope["aws.event"], otherwise=context.aws_request_id)
        self._deadline.begin(context)
        # HEAD is GET without the body (RFC 9110, 9.3.2), for every route.
        head = scope["method"] == HTTPMethod.HEAD
        scope = {**scope, "method": HTTPMethod.GET.value if head else scope["method"], "state": {}}
        status: int | None = None

        async def send_by_the_rules(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                headers = MutableHeaders(scope=message)
                headers["cache-control"] = "no-store"
                headers["x-request-id"] = request_id
                if headers.get("allow") == "GET":
                    headers["allow"] = "GET, HEAD"
                if head:
                    del headers["content-length"]
            elif head:
                message = {**message, "body": b""}
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
                members={"request_id": request_id},
            )
            await problem_response(problem)(scope, receive, send_by_the_rules)
        finally:
            if is_known(scope):
                failed = status is None or status >= HTTPStatus.INTERNAL_SERVER_ERROR
                count_request(context, failed=failed, milliseconds=1000 * (time.perf_counter() - began))
