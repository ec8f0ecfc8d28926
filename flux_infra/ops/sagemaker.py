"""SageMaker and STS as far as operations need them: boto3-stubs for all of SageMaker weigh more than this project."""

from collections.abc import Sequence
from datetime import datetime
from typing import NotRequired, Protocol, TypedDict


class CallerIdentity(TypedDict):
    """Who is asking. Arn names the person or role."""

    Account: str
    Arn: str


class Sts(Protocol):
    """AWS Security Token Service."""

    def get_caller_identity(self) -> CallerIdentity:
        """Who the credentials belong to."""


class Endpoint(TypedDict):
    """An endpoint and the configuration that it serves."""

    EndpointName: str
    EndpointStatus: str
    EndpointConfigName: str
    LastModifiedTime: datetime
    FailureReason: NotRequired[str]


class Variant(TypedDict):
    """A production variant: which model it serves."""

    VariantName: str
    ModelName: str


class EndpointConfig(TypedDict):
    """An endpoint configuration; it never changes."""

    EndpointConfigName: str
    CreationTime: datetime
    ProductionVariants: Sequence[Variant]


class EndpointConfigSummary(TypedDict):
    """An endpoint configuration in a list."""

    EndpointConfigName: str
    EndpointConfigArn: str
    CreationTime: datetime


class EndpointConfigs(TypedDict):
    """A page of endpoint configurations."""

    EndpointConfigs: Sequence[EndpointConfigSummary]
    NextToken: NotRequired[str]


class S3DataSource(TypedDict):
    """Where an artifact is."""

    S3Uri: str


class ModelDataSource(TypedDict):
    """Where an artifact is, by what holds it."""

    S3DataSource: S3DataSource


class Container(TypedDict):
    """What a model runs."""

    ModelDataSource: ModelDataSource


class Model(TypedDict):
    """A model: its artifact."""

    ModelName: str
    PrimaryContainer: Container


class Tag(TypedDict):
    """A tag."""

    Key: str
    Value: str


class Tags(TypedDict):
    """The tags of a resource."""

    Tags: Sequence[Tag]


class SageMaker(Protocol):
    """Amazon SageMaker. Parameters are named as in its API."""

    def describe_endpoint(self, *, EndpointName: str) -> Endpoint:  # noqa: N803 - boto3's name
        """One endpoint."""

    def describe_endpoint_config(self, *, EndpointConfigName: str) -> EndpointConfig:  # noqa: N803 - boto3's name
        """One configuration."""

    def describe_model(self, *, ModelName: str) -> Model:  # noqa: N803 - boto3's name
        """One model."""

    def list_endpoint_configs(self, *, SortBy: str, SortOrder: str, MaxResults: int) -> EndpointConfigs:  # noqa: N803 - boto3's names
        """The account's configurations, one page."""

    def list_tags(self, *, ResourceArn: str) -> Tags:  # noqa: N803 - boto3's name
        """Tags of a resource."""
