"""SageMaker's API: what describes models and endpoints, and InvokeEndpoint. CloudFormation alone makes them."""

import asyncio
import json
import re
import time
from collections.abc import Callable

from ministack.services import cloudwatch

from .services import HttpRequest, HttpResponse
from .serving.container import ModelError
from .serving.endpoints import Described, Endpoint, Endpoints, arn
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
            return HttpResponse.of_json(operation(request.parameters()))
        except ValueError as error:
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
                "x-Amzn-Invoked-Production-Variant": endpoint.config.variant.text("VariantName"),
            },
            body=prediction.body,
        )

    def _describe_model(self, parameters: Properties) -> dict[str, Json]:
        model = _found(self._endpoints.models, "model", parameters.text("ModelName"))
        return {**model.told.values, **_summary("Model", "model", model)}

    def _describe_endpoint_config(self, parameters: Properties) -> dict[str, Json]:
        config = _found(self._endpoints.configs, "endpoint configuration", parameters.text("EndpointConfigName"))
        variants: list[Json] = [{"InitialVariantWeight": 1.0, **config.variant.values}]
        return {**config.told.values, **_summary("EndpointConfig", "endpoint-config", config)} | {
            "ProductionVariants": variants
        }

    def _describe_endpoint(self, parameters: Properties) -> dict[str, Json]:
        endpoint = _found(self._endpoints.endpoints, "endpoint", parameters.text("EndpointName"))
        return {
            **_summary("Endpoint", "endpoint", endpoint),
            "EndpointStatus": "InService",
            "LastModifiedTime": endpoint.modified,
            "EndpointConfigName": endpoint.config.name,
            "ProductionVariants": [{"VariantName": endpoint.config.variant.text("VariantName"), "CurrentWeight": 1.0}],
        }

    def _list_endpoint_configs(self, parameters: Properties) -> dict[str, Json]:
        newest_first = parameters.text("SortOrder", "Descending") == "Descending"
        configs = sorted(self._endpoints.configs.values(), key=lambda config: config.created, reverse=newest_first)
        listed = configs[: parameters.number("MaxResults", 10)]
        return {"EndpointConfigs": [_summary("EndpointConfig", "endpoint-config", config) for config in listed]}

    def _list_tags(self, parameters: Properties) -> dict[str, Json]:
        name = parameters.text("ResourceArn").rpartition("/")[2]
        config = _found(self._endpoints.configs, "endpoint configuration", name)
        return {"Tags": [dict(tag.values) for tag in config.told.children("Tags")]}


def _found[Thing: (Described, Endpoint)](things: dict[str, Thing], kind: str, name: str) -> Thing:
    if name not in things:
        raise ValueError(f'Could not find {kind} "{name}".')
    return things[name]


def _summary(member: str, kind: str, thing: Described | Endpoint) -> dict[str, Json]:
    return {f"{member}Name": thing.name, f"{member}Arn": arn(kind, thing.name), "CreationTime": thing.created}


def _runtime_error(code: str, body: dict[str, Json], *, status: int = 400) -> HttpResponse:
    """An error of the runtime, whose protocol is REST with JSON."""
    headers = {"Content-Type": _JSON, "x-amzn-errortype": code}
    return HttpResponse(status=status, headers=headers, body=json.dumps(body).encode())


def _model_error(endpoint: Endpoint, reason: str) -> HttpResponse:
    variant = endpoint.config.variant.text("VariantName")
    received = f'Received server error (500) from {variant} with message "{reason}".'
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
    dimensions = {"EndpointName": endpoint.name, "VariantName": endpoint.config.variant.text("VariantName")}
    microseconds = (time.perf_counter() - began) * 1_000_000
    for metric, value, unit in (
        ("Invocations", 1, "Count"),
        ("Invocation4XXErrors", 0, "Count"),
        ("Invocation5XXErrors", int(failed), "Count"),
        ("ModelLatency", microseconds, "Microseconds"),
    ):
        cloudwatch.record_metric("AWS/SageMaker", metric, value, unit, dimensions)
