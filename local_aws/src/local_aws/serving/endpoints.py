"""Models, endpoint configurations and endpoints: what the API and CloudFormation both work on."""

import shutil
import threading
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlparse

from ..clients import s3
from ..settings import ACCOUNT, REGION, settings
from ..values import Properties
from .canary import Guardrails, Turns
from .container import Container, ModelError


def arn(kind: str, name: str) -> str:
    """The ARN of a SageMaker resource."""
    return f"arn:aws:sagemaker:{REGION}:{ACCOUNT}:{kind}/{name}"


@dataclass(frozen=True, kw_only=True)
class Described:
    """A model or an endpoint configuration: what its template says of it. The API describes it in the same words."""

    name: str
    told: Properties
    created: float = field(default_factory=time.time)

    @property
    def variant(self) -> Properties:
        """An endpoint configuration's one production variant: which model answers under which name."""
        (variant,) = self.told.children("ProductionVariants")
        return variant


def artifact_address(container: Properties) -> str:
    """Where a container's model.tar.gz is: an s3:// or https:// URL with the bucket in its path.

    Raises:
        ValueError: SageMaker would refuse it, or this machine cannot unpack it; names the property, its value and what
            it must be.
    """
    if "ModelDataUrl" in container:
        address = container.text("ModelDataUrl")
        if not address.endswith(".tar.gz"):
            raise ValueError(
                f"PrimaryContainer.ModelDataUrl={address}: must end in .tar.gz; ModelDataSource asks for no ending"
            )
        return address
    source = container.child("ModelDataSource").child("S3DataSource")
    kind = (source.text("S3DataType"), source.text("CompressionType"))
    if kind != ("S3Object", "Gzip"):
        raise ValueError(
            f"S3DataSource.S3DataType, CompressionType={kind}: AWS on this machine unpacks ('S3Object', 'Gzip') only"
        )
    return source.text("S3Uri")


@dataclass(kw_only=True)
class Endpoint:
    """An endpoint that is in service.

    canary: the endpoint that is to take its place, and which requests it answers meanwhile.
    """

    name: str
    config: Described
    container: Container
    folder: Path
    created: float = field(default_factory=time.time)
    modified: float = field(default_factory=time.time)
    canary: tuple["Endpoint", Turns] | None = None

    def answering(self) -> "Endpoint":
        """Who answers the next request: itself, or for its share of requests the canary."""
        canary = self.canary
        return canary[0] if canary is not None and canary[1].new() else self

    def stop(self) -> None:
        """End its container and remove the model's files."""
        self.container.stop()
        shutil.rmtree(self.folder, ignore_errors=True)


class Endpoints:
    """Everything that SageMaker holds on this machine.

    Attributes:
        models, configs, endpoints: by name.
    """

    def __init__(self, alarm_fires: Callable[[str], bool]) -> None:
        """`alarm_fires` answers whether the alarm of a name is in state ALARM."""
        self._alarm_fires = alarm_fires
        self.models: dict[str, Described] = {}
        self.configs: dict[str, Described] = {}
        self.endpoints: dict[str, Endpoint] = {}
        self._lock = threading.Lock()

    def model(self, name: str) -> Described:
        """The model of that name.

        Raises:
            ValueError: there is none.
        """
        if name not in self.models:
            raise ValueError(f'Could not find model "{arn("model", name)}".')
        return self.models[name]

    def deploy(self, name: str, config_name: str, guardrails: Guardrails | None) -> None:
        """Bring an endpoint into service, or move it to another configuration.

        The new container answers before the old one is stopped, and only then is it asked: blue/green, as SageMaker;
        with guardrails it is asked some requests first.

        Raises:
            ValueError: the configuration or its model does not exist.
            ModelError: the model does not load, or an alarm fired during its canary; the endpoint stays as it was.
        """
        endpoint = self._start(name, config_name)
        serving = self.endpoints.get(name)
        if serving is not None and guardrails is not None:
            self._bake(serving, endpoint, guardrails)
        with self._lock:
            earlier = self.endpoints.get(name)
            if earlier is not None:
                endpoint.created = earlier.created
            self.endpoints[name] = endpoint
        if earlier is not None:
            earlier.stop()

    def _bake(self, serving: Endpoint, new: Endpoint, guardrails: Guardrails) -> None:
        serving.canary = (new, Turns(guardrails.percent))
        try:
            alarm = guardrails.firing(self._alarm_fires)
        finally:
            serving.canary = None
        if alarm is not None:
            new.stop()
            raise ModelError(
                f"Rolled back to endpoint configuration {serving.config.name}: alarm {alarm} is in state ALARM."
            )

    def _start(self, name: str, config_name: str) -> Endpoint:
        config = self.configs.get(config_name)
        if config is None:
            raise ValueError(f'Could not find endpoint configuration "{arn("endpoint-config", config_name)}".')
        served = self.model(config.variant.text("ModelName")).told.child("PrimaryContainer")
        folder = settings().state / "sagemaker" / f"{name}-{uuid.uuid4().hex[:8]}"
        try:
            container = Container(
                settings().python,
                folder,
                artifact=_download(artifact_address(served)),
                environment=served.texts_by_name("Environment"),
            )
            container.start()
        except ModelError as error:
            shutil.rmtree(folder, ignore_errors=True)
            raise ModelError(
                f"The primary container for production variant {config.variant.text('VariantName')} did not pass "
                f"the ping health check: {error}"
            ) from error
        return Endpoint(name=name, config=config, container=container, folder=folder)

    def remove(self, name: str) -> None:
        """Take an endpoint out of service, if it exists."""
        with self._lock:
            endpoint = self.endpoints.pop(name, None)
        if endpoint is not None:
            endpoint.stop()

    def stop(self) -> None:
        """Stop every container."""
        for name in list(self.endpoints):
            self.remove(name)


def _download(address: str) -> bytes:
    """Read an artifact from S3."""
    url = urlparse(address)
    bucket, key = (url.netloc, url.path[1:]) if url.scheme == "s3" else url.path[1:].split("/", 1)
    client = s3()
    try:
        return client.get_object(Bucket=bucket, Key=key)["Body"].read()
    except (client.exceptions.NoSuchKey, client.exceptions.NoSuchBucket) as error:
        raise ModelError(f"Could not find model data at {address}.") from error
