"""The api function: FastAPI behind API Gateway."""

import asyncio
from functools import cache
from typing import TYPE_CHECKING, cast

from aws_lambda_powertools.utilities.typing import LambdaContext
from mangum import Mangum

from flux_core.logs import logger
from flux_core.problems import CONTENT_TYPE

from .application import build_application
from .services import Services, build_services
from .settings import ApiSettings

if TYPE_CHECKING:
    from mangum.types import LambdaContext as MangumContext


def build_adapter(services: Services) -> Mangum:
    """The application as Lambda calls it."""
    # Mangum runs requests on the thread's event loop, which Python no longer makes by itself.
    asyncio.set_event_loop(asyncio.new_event_loop())
    # Bodies of other types would go through API Gateway in base64, for nothing.
    return Mangum(build_application(services), lifespan="off", text_mime_types=["application/json", CONTENT_TYPE])


@cache
def _adapter() -> Mangum:
    return build_adapter(build_services(ApiSettings.load()))


@logger.inject_lambda_context(clear_state=True)
def handler(event: dict[str, object], context: LambdaContext) -> dict[str, object]:
    """Answer one request of an HTTP API (payload format 2.0)."""
    # Lambda's one context object, which the two libraries describe differently.
    return _adapter()(event, cast("MangumContext", context))
