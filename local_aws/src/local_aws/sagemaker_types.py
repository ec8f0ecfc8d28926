"""SageMaker's CloudFormation types. A model and an endpoint configuration never change: other properties, a new one."""

from typing import override

from .resources import Request, Resource, ResourceType
from .serving.canary import Guardrails
from .serving.endpoints import Artifact, EndpointConfig, Endpoints, Model, Variant, arn
from .values import Properties

_LONGEST_NAME = 63


def _name(physical_id: str) -> str:
    """The name in an ARN; SageMaker's types answer `Ref` with an ARN."""
    return physical_id.rpartition("/")[2]


def _artifact(container: Properties) -> Artifact:
    """Read where the model's artifact is, and refuse what SageMaker would refuse or this machine cannot unpack.

    Raises:
        ValueError: the message names the property, its value and what it must be.
    """
    if "ModelDataUrl" in container:
        address = container.text("ModelDataUrl")
        if not address.endswith(".tar.gz"):
            raise ValueError(
                f"PrimaryContainer.ModelDataUrl={address}: must end in .tar.gz; ModelDataSource asks for no ending"
            )
        return Artifact(address=address, described_by="ModelDataUrl")
    source = container.child("ModelDataSource").child("S3DataSource")
    kind = (source.text("S3DataType"), source.text("CompressionType"))
    if kind != ("S3Object", "Gzip"):
        raise ValueError(
            f"S3DataSource.S3DataType, CompressionType={kind}: AWS on this machine unpacks ('S3Object', 'Gzip') only"
        )
    return Artifact(address=source.text("S3Uri"), described_by="ModelDataSource")


class ModelType(ResourceType):
    """`AWS::SageMaker::Model` with one container in script mode."""

    name = "AWS::SageMaker::Model"
    fixed_name = "ModelName"
    replacing = (
        "Containers",
        "EnableNetworkIsolation",
        "ExecutionRoleArn",
        "InferenceExecutionConfig",
        "ModelName",
        "PrimaryContainer",
        "VpcConfig",
    )

    def __init__(self, endpoints: Endpoints) -> None:
        self._endpoints = endpoints

    @override
    def create(self, request: Request) -> Resource:
        container = request.properties.child("PrimaryContainer")
        model = Model(
            name=request.name("ModelName", longest=_LONGEST_NAME),
            image=container.text("Image"),
            artifact=_artifact(container),
            role=request.properties.text("ExecutionRoleArn"),
            environment=container.texts_by_name("Environment"),
        )
        self._endpoints.models[model.name] = model
        return self._resource(model.name)

    @override
    def update(self, physical_id: str, old: Properties, request: Request) -> Resource:
        return self._resource(_name(physical_id))

    @override
    def delete(self, physical_id: str, properties: Properties) -> None:
        self._endpoints.models.pop(_name(physical_id), None)

    @staticmethod
    def _resource(name: str) -> Resource:
        return Resource(physical_id=arn("model", name), attributes={"Id": arn("model", name), "ModelName": name})


class EndpointConfigType(ResourceType):
    """`AWS::SageMaker::EndpointConfig` with one production variant."""

    name = "AWS::SageMaker::EndpointConfig"
    fixed_name = "EndpointConfigName"
    replacing = (
        "AsyncInferenceConfig",
        "DataCaptureConfig",
        "EnableNetworkIsolation",
        "EndpointConfigName",
        "ExecutionRoleArn",
        "ExplainerConfig",
        "KmsKeyId",
        "ProductionVariants",
        "ShadowProductionVariants",
        "VpcConfig",
    )

    def __init__(self, endpoints: Endpoints) -> None:
        self._endpoints = endpoints

    @override
    def create(self, request: Request) -> Resource:
        variants = request.properties.children("ProductionVariants")
        if len(variants) != 1:
            raise ValueError(f"ProductionVariants: AWS on this machine serves one variant, not {len(variants)}")
        variant = Variant(
            name=variants[0].text("VariantName"),
            model=variants[0].text("ModelName"),
            instance_type=variants[0].text("InstanceType", ""),
            instances=variants[0].number("InitialInstanceCount", 1),
        )
        if variant.model not in self._endpoints.models:
            raise ValueError(f'Could not find model "{arn("model", variant.model)}".')
        config = EndpointConfig(
            name=request.name("EndpointConfigName", longest=_LONGEST_NAME),
            variant=variant,
            tags={tag.text("Key"): tag.text("Value") for tag in request.properties.children("Tags")},
        )
        self._endpoints.configs[config.name] = config
        return self._resource(config.name)

    @override
    def update(self, physical_id: str, old: Properties, request: Request) -> Resource:
        return self._resource(_name(physical_id))

    @override
    def delete(self, physical_id: str, properties: Properties) -> None:
        self._endpoints.configs.pop(_name(physical_id), None)

    @staticmethod
    def _resource(name: str) -> Resource:
        own = arn("endpoint-config", name)
        return Resource(physical_id=own, attributes={"Id": own, "EndpointConfigName": name})


class EndpointType(ResourceType):
    """`AWS::SageMaker::Endpoint`: in service, with its model loaded, before the resource is complete."""

    name = "AWS::SageMaker::Endpoint"
    replacing = ("EndpointName",)
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
        name = _name(physical_id)
        serving = self._endpoints.endpoints.get(name)
        # After a model that was rolled back, CloudFormation goes back to the one that never ceased to serve.
        unmoved = serving is not None and serving.config.name == _name(request.properties.text("EndpointConfigName"))
        if old.text("EndpointConfigName") != request.properties.text("EndpointConfigName") and not unmoved:
            return self._deploy(name, request.properties)
        return self._resource(_name(physical_id))

    @override
    def delete(self, physical_id: str, properties: Properties) -> None:
        self._endpoints.remove(_name(physical_id))

    def _deploy(self, name: str, properties: Properties) -> Resource:
        # The configuration is given by name or by what `Ref` answers for it, an ARN.
        guardrails = Guardrails.of(properties.child("DeploymentConfig"))
        self._endpoints.deploy(name, _name(properties.text("EndpointConfigName")), guardrails)
        return self._resource(name)

    @staticmethod
    def _resource(name: str) -> Resource:
        own = arn("endpoint", name)
        return Resource(physical_id=own, attributes={"Id": own, "EndpointName": name})
