"""The api function: FastAPI behind API Gateway."""

import asyncio
from collections.abc import Callable
from functools import cache
from http import HTTPMethod
from typing import TYPE_CHECKING, cast

from aws_lambda_powertools.utilities.typing import LambdaContext
from mangum import Mangum

from flux_core.logs import logger
from flux_core.metrics import metered, tell
from flux_core.problems import CONTENT_TYPE, Problem
from flux_core.rehearsal import is_rehearsal
from flux_core.request_id import id_of_request
from flux_core.tally import tallied

from .application import build_application
from .events import readable, refusal
from .services import Services, build_services
from .settings import ApiSettings

if TYPE_CHECKING:
    from mangum.types import LambdaContext as MangumContext

type Adapter = Callable[[dict[str, object], LambdaContext], dict[str, object]]


def build_adapter(services: Services) -> Adapter:
    """The application as Lambda calls it."""
    # Mangum runs requests on the thread's event loop, which Python no longer makes by itself.
    asyncio.set_event_loop(asyncio.new_event_loop())
    # Bodies of other types would go through API Gateway in base64, for nothing.
    adapter = Mangum(build_application(services), lifespan="off", text_mime_types=["application/json", CONTENT_TYPE])

    def adapt(event: dict[str, object], context: LambdaContext) -> dict[str, object]:
        problem = refusal(event)
        if problem is not None:
            return _refused(problem, event, context)
        # Lambda's one context object, which the two libraries describe differently.
        return adapter(readable(event), cast("MangumContext", context))

    return adapt


@cache
def _adapter() -> Adapter:
    return build_adapter(build_services(ApiSettings.load()))


@logger.inject_lambda_context(clear_state=True)
def handler(event: dict[str, object], context: LambdaContext) -> dict[str, object]:
    """Answer one request of an HTTP API (payload format 2.0)."""
    request_id = id_of_request(event, otherwise=context.aws_request_id)
    logger.append_keys(request_id=request_id)
    with metered(rehearsal=is_rehearsal(event)), tallied(context):
        tell("request_id", request_id)
        return _adapter()(event, context)


def _refused(problem: Problem, event: dict[str, object], context: LambdaContext) -> dict[str, object]:
    match event:
        case {"requestContext": {"http": {"method": HTTPMethod.HEAD.value}}}:
            body = ""
        case _:
            body = problem.body()
    request_id = id_of_request(event, otherwise=context.aws_request_id)
    headers = {"content-type": CONTENT_TYPE, "cache-control": "no-store", "x-request-id": request_id}
    return {"statusCode": problem.status, "headers": headers, "body": body, "isBase64Encoded": False}
