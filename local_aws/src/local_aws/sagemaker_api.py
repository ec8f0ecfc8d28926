"""SageMaker's API: what describes endpoints, what moves them, and InvokeEndpoint."""

import asyncio
import json
import re
import time
from collections.abc import Callable

from ministack.services import cloudwatch

from .services import HttpRequest, HttpResponse
from .serving.canary import Guardrails
from .serving.container import ModelError
from .serving.endpoints import Artifact, Endpoint, EndpointConfig, Endpoints, Model, arn
from .settings import ACCOUNT
from .values import Json, Properties

_INVOCATIONS = re.compile(r"/endpoints/([^/]+)/invocations")
_JSON = "application/json"


class Api:
    """Answers for both of SageMaker's services: `sagemaker` and `sagemaker-runtime`."""

    def __init__(self, endpoints: Endpoints) -> None:
        self._endpoints = endpoints
        self._operations: dict[str, Callable[[Properties], dict[str, Json]]] = {
            "DescribeModel": self._describe_model,
            "DescribeEndpointConfig": self._describe_endpoint_config,
            "DescribeEndpoint": self._describe_endpoint,
            "ListEndpointConfigs": self._list_endpoint_configs,
            "ListTags": self._list_tags,
            "UpdateEndpoint": self._update_endpoint,
        }

    async def answer(self, request: HttpRequest) -> HttpResponse:
        """Answer one request."""
        invocation = _INVOCATIONS.fullmatch(request.path)
        if invocation is not None:
            return await self._invoke(invocation[1], request)
        operation = self._operations.get(request.operation)
        if operation is None:
            return HttpResponse.error(
                "UnknownOperationException", f"{request.operation}: AWS on this machine has no such operation"
            )
        try:
            # In a thread, because UpdateEndpoint reads the artifact from this very emulator.
            return HttpResponse.of_json(await asyncio.to_thread(operation, request.parameters()))
        except (ValueError, ModelError) as error:
            return HttpResponse.error("ValidationException", str(error))

    async def _invoke(self, name: str, request: HttpRequest) -> HttpResponse:
        serving = self._endpoints.endpoints.get(name)
        if serving is None:
            return _runtime_error("ValidationError", {"Message": f"Endpoint {name} of account {ACCOUNT} not found."})
        endpoint = serving.answering()
        began = time.perf_counter()
        content_type = request.headers.get("content-type", _JSON)
        accept = request.headers.get("accept", _JSON)
        try:
            prediction = await asyncio.to_thread(
                endpoint.container.invoke,
                request.body,
                content_type=content_type,
                accept=_JSON if accept == "*/*" else accept,
            )
        except ModelError as error:
            _count(endpoint, began, failed=True)
            return _model_error(endpoint, str(error))
        _count(endpoint, began, failed=False)
        return HttpResponse(
            status=200,
            headers={
                # In lower case ministack passes it on; it would put "Content-Type" right for the API's own protocol.
                "content-type": prediction.content_type,
                "x-Amzn-Invoked-Production-Variant": endpoint.config.variant.name,
            },
            body=prediction.body,
        )

    def _describe_model(self, parameters: Properties) -> dict[str, Json]:
        model = _found(self._endpoints.models, "model", parameters.text("ModelName"))
        return {
            "ModelName": model.name,
            "ModelArn": arn("model", model.name),
            "ExecutionRoleArn": model.role,
            "PrimaryContainer": {
                "Image": model.image,
                **_data(model.artifact),
                "Environment": dict(model.environment),
            },
            "CreationTime": model.created,
        }

    def _describe_endpoint_config(self, parameters: Properties) -> dict[str, Json]:
        config = _found(self._endpoints.configs, "endpoint configuration", parameters.text("EndpointConfigName"))
        return {
            "EndpointConfigName": config.name,
            "EndpointConfigArn": arn("endpoint-config", config.name),
            "ProductionVariants": [
                {
                    "VariantName": config.variant.name,
                    "ModelName": config.variant.model,
                    "InstanceType": config.variant.instance_type,
                    "InitialInstanceCount": config.variant.instances,
                    "InitialVariantWeight": 1.0,
                }
            ],
            "CreationTime": config.created,
        }

    def _describe_endpoint(self, parameters: Properties) -> dict[str, Json]:
        endpoint = _found(self._endpoints.endpoints, "endpoint", parameters.text("EndpointName"))
        variant = endpoint.config.variant
        return {
            **_summary(endpoint),
            "EndpointConfigName": endpoint.config.name,
            "ProductionVariants": [
                {
                    "VariantName": variant.name,
                    "CurrentWeight": 1.0,
                    "DesiredWeight": 1.0,
                    "CurrentInstanceCount": variant.instances,
                    "DesiredInstanceCount": variant.instances,
                }
            ],
        }

    def _list_endpoint_configs(self, parameters: Properties) -> dict[str, Json]:
        newest_first = parameters.text("SortOrder", "Descending") == "Descending"
        configs = sorted(self._endpoints.configs.values(), key=lambda config: config.created, reverse=newest_first)
        return {
            "EndpointConfigs": [
                {
                    "EndpointConfigName": config.name,
                    "EndpointConfigArn": arn("endpoint-config", config.name),
                    "CreationTime": config.created,
                }
                for config in configs[: parameters.number("MaxResults", 10)]
            ]
        }

    def _list_tags(self, parameters: Properties) -> dict[str, Json]:
        name = parameters.text("ResourceArn").rpartition("/")[2]
        config = _found(self._endpoints.configs, "endpoint configuration", name)
        return {"Tags": [{"Key": key, "Value": value} for key, value in config.tags.items()]}

    def _update_endpoint(self, parameters: Properties) -> dict[str, Json]:
        endpoint = _found(self._endpoints.endpoints, "endpoint", parameters.text("EndpointName"))
        # On AWS this returns at once and the endpoint is "Updating"; here it returns when the update has ended.
        guardrails = Guardrails.of(parameters.child("DeploymentConfig"))
        self._endpoints.deploy(endpoint.name, parameters.text("EndpointConfigName"), guardrails)
        return {"EndpointArn": arn("endpoint", endpoint.name)}


def _found[Thing: (Model, EndpointConfig, Endpoint)](things: dict[str, Thing], kind: str, name: str) -> Thing:
    if name not in things:
        raise ValueError(f'Could not find {kind} "{name}".')
    return things[name]


def _data(artifact: Artifact) -> dict[str, Json]:
    """How a container definition names its artifact."""
    if artifact.described_by == "ModelDataUrl":
        return {"ModelDataUrl": artifact.address}
    source: dict[str, Json] = {"S3DataType": "S3Object", "CompressionType": "Gzip", "S3Uri": artifact.address}
    return {"ModelDataSource": {"S3DataSource": source}}


def _summary(endpoint: Endpoint) -> dict[str, Json]:
    return {
        "EndpointName": endpoint.name,
        "EndpointArn": arn("endpoint", endpoint.name),
        "EndpointStatus": "InService",
        "CreationTime": endpoint.created,
        "LastModifiedTime": endpoint.modified,
    }


def _runtime_error(code: str, body: dict[str, Json], *, status: int = 400) -> HttpResponse:
    """An error of the runtime, whose protocol is REST with JSON."""
    headers = {"Content-Type": _JSON, "x-amzn-errortype": code}
    return HttpResponse(status=status, headers=headers, body=json.dumps(body).encode())


def _model_error(endpoint: Endpoint, reason: str) -> HttpResponse:
    received = f'Received server error (500) from {endpoint.config.variant.name} with message "{reason}".'
    return _runtime_error(
        "ModelError",
        {
            "Message": f"{received} See {endpoint.container.log}.",
            "OriginalMessage": reason,
            "OriginalStatusCode": 500,
        },
        status=424,
    )


def _count(endpoint: Endpoint, began: float, *, failed: bool) -> None:
    """The metrics that SageMaker publishes for each invocation ("Amazon SageMaker endpoint invocation metrics")."""
    dimensions = {"EndpointName": endpoint.name, "VariantName": endpoint.config.variant.name}
    microseconds = (time.perf_counter() - began) * 1_000_000
    for metric, value, unit in (
        ("Invocations", 1, "Count"),
        ("Invocation4XXErrors", 0, "Count"),
        ("Invocation5XXErrors", int(failed), "Count"),
        ("ModelLatency", microseconds, "Microseconds"),
    ):
        cloudwatch.record_metric("AWS/SageMaker", metric, value, unit, dimensions)
