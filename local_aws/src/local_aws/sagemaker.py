"""SageMaker's real-time inference: models, endpoint configurations and endpoints that answer with the model's own code.

An endpoint unpacks the model.tar.gz that was uploaded to S3 and runs its inference script in a process of plain Python,
as SageMaker's scikit-learn container does in script mode. It moves to another model by canary, and back by alarms, if
its deployment configuration says so; a linear shift is made at once. Not imitated: instance counts, several variants,
autoscaling, data capture, Python packages of the container.
"""

from ministack.core.responses import request_scope

from . import metric_alarms
from .resources import register
from .sagemaker_api import Api
from .sagemaker_types import types
from .services import serve
from .serving.endpoints import Endpoints
from .settings import ACCOUNT, REGION
from .shutdown import at_shutdown


def _fires(alarm: str) -> bool:
    # CloudFormation's worker threads have no account of their own.
    with request_scope(ACCOUNT, REGION):
        return metric_alarms.state_of(alarm) == "ALARM"


def install() -> None:
    """Register the resource types and serve the API."""
    endpoints = Endpoints(_fires)
    at_shutdown("SageMaker", endpoints.stop)
    register(*types(endpoints))
    # The runtime signs as `sagemaker`, too; its requests have a path and no target.
    serve("sagemaker", Api(endpoints).answer, target_prefix="SageMaker.", host=r"\.sagemaker\.")
