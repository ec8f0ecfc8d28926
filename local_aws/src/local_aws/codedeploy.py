"""CodeDeploy for Lambda: the service, its CloudFormation types, and releases of an alias. ministack has none of it."""

import threading
from contextvars import copy_context

from . import codedeploy_aliases
from .codedeploy_actions import ENGINE
from .codedeploy_types import REGISTRY, Application, Configuration, Group
from .releases.api import Api
from .releases.deployment import Deployment
from .releases.registry import CodeDeployError
from .resources import register
from .services import HttpRequest, HttpResponse, serve
from .values import InvalidValueError


def _begin(deployment: Deployment) -> None:
    threading.Thread(
        target=copy_context().run, args=(ENGINE.run, deployment), name=deployment.identifier, daemon=True
    ).start()


_API = Api(REGISTRY, _begin)


async def _answer(request: HttpRequest) -> HttpResponse:
    try:
        answered = _API.answer(request.operation, request.parameters())
    except CodeDeployError as error:
        return HttpResponse.error(error.code, str(error))
    except InvalidValueError as error:
        return HttpResponse.error("InvalidParameterValueException", str(error))
    return HttpResponse.of_json(answered)


def install() -> None:
    """Add the service and its types; release aliases through it."""
    register(Application(), Configuration(), Group())
    serve("codedeploy", _answer, target_prefix="CodeDeploy_20141006.", host=r"codedeploy\.")
    codedeploy_aliases.install()
