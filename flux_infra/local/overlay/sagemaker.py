"""SageMaker's real-time inference: models, endpoint configurations and endpoints that answer with the model's own code.

An endpoint unpacks the model.tar.gz that was uploaded to S3 and runs its inference script in a process of plain Python,
as SageMaker's scikit-learn container does in script mode. Not imitated: instance counts, several variants, autoscaling,
data capture, Python packages of the container.
"""

from .expectations import Expectation
from .resources import register
from .sagemaker_api import Api
from .sagemaker_types import EndpointConfigType, EndpointType, ModelType
from .services import serve
from .serving.endpoints import Endpoints
from .shutdown import at_shutdown

EXPECTATIONS = (
    Expectation(
        module="ministack.services.cloudwatch",
        symbol="record_metric",
        parameters=("namespace", "metric_name", "value", "unit", "dimensions"),
    ),
)


def install() -> None:
    """Register the resource types and serve the API."""
    endpoints = Endpoints()
    at_shutdown("SageMaker", endpoints.stop)
    register(ModelType(endpoints), EndpointConfigType(endpoints), EndpointType(endpoints))
    # The runtime signs as `sagemaker`, too; its requests have a path and no target.
    serve("sagemaker", Api(endpoints).answer, target_prefix="SageMaker.", host=r"\.sagemaker\.")
