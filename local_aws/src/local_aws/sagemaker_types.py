"""SageMaker's CloudFormation types."""

from collections.abc import Callable
from typing import override

from .resources import Request, Resource, ResourceType
from .serving.canary import Guardrails
from .serving.endpoints import Described, Endpoints, arn, artifact_address
from .values import Properties

_LONGEST_NAME = 63


def _name(physical_id: str) -> str:
    """The name in an ARN; SageMaker's types answer `Ref` with an ARN."""
    return physical_id.rpartition("/")[2]


def _resource(kind: str, naming: str, name: str) -> Resource:
    return Resource(physical_id=arn(kind, name), attributes={"Id": arn(kind, name), naming: name})


class _Unchanging(ResourceType):
    """A type whose resources never change: with other properties it makes a new one."""

    def __init__(
        self,
        name: str,
        kind: str,
        described: dict[str, Described],
        *,
        check: Callable[[Properties], None],
    ) -> None:
        """kind: in its ARNs. check: raises ValueError for properties that cannot be served."""
        self.name = name
        self.fixed_name: str = f"{name.rpartition(':')[2]}Name"
        self._kind, self._described, self._check = kind, described, check

    @override
    def create(self, request: Request) -> Resource:
        self._check(request.properties)
        name = request.name(self.fixed_name, longest=_LONGEST_NAME)
        self._described[name] = Described(name=name, told=request.properties)
        return _resource(self._kind, self.fixed_name, name)

    @override
    def update(self, physical_id: str, old: Properties, request: Request) -> Resource:
        return _resource(self._kind, self.fixed_name, _name(physical_id))

    @override
    def delete(self, physical_id: str, properties: Properties) -> None:
        self._described.pop(_name(physical_id), None)


class _EndpointType(ResourceType):
    """`AWS::SageMaker::Endpoint`: in service, with its model loaded, before the resource is complete."""

    name = "AWS::SageMaker::Endpoint"
    slow = True

    def __init__(self, endpoints: Endpoints) -> None:
        self._endpoints = endpoints

    @override
    def create(self, request: Request) -> Resource:
        name = request.name("EndpointName", longest=_LONGEST_NAME)
        if name in self._endpoints.endpoints:
            raise ValueError(f'Cannot create already existing endpoint "{arn("endpoint", name)}".')
        return self._deploy(name, request.properties)

    @override
    def update(self, physical_id: str, old: Properties, request: Request) -> Resource:
        name, wanted = _name(physical_id), request.properties.text("EndpointConfigName")
        serving = self._endpoints.endpoints.get(name)
        # After a model that was rolled back, CloudFormation goes back to the one that never ceased to serve.
        unmoved = serving is not None and serving.config.name == _name(wanted)
        if old.text("EndpointConfigName") != wanted and not unmoved:
            return self._deploy(name, request.properties)
        return _resource("endpoint", "EndpointName", name)

    @override
    def delete(self, physical_id: str, properties: Properties) -> None:
        self._endpoints.remove(_name(physical_id))

    def _deploy(self, name: str, properties: Properties) -> Resource:
        # The configuration is given by name or by what `Ref` answers for it, an ARN.
        guardrails = Guardrails.of(properties.child("DeploymentConfig"))
        self._endpoints.deploy(name, _name(properties.text("EndpointConfigName")), guardrails)
        return _resource("endpoint", "EndpointName", name)


def types(endpoints: Endpoints) -> tuple[ResourceType, ...]:
    """The types of models with one container in script mode, of configurations with one variant, and of endpoints."""

    def check_config(properties: Properties) -> None:
        variants = properties.children("ProductionVariants")
        if len(variants) != 1:
            raise ValueError(f"ProductionVariants: AWS on this machine serves one variant, not {len(variants)}")
        endpoints.model(variants[0].text("ModelName"))

    def check_model(properties: Properties) -> None:
        artifact_address(properties.child("PrimaryContainer"))

    return (
        _Unchanging("AWS::SageMaker::Model", "model", endpoints.models, check=check_model),
        _Unchanging(
            "AWS::SageMaker::EndpointConfig",
            "endpoint-config",
            endpoints.configs,
            check=check_config,
        ),
        _EndpointType(endpoints),
    )
