"""The functions that aws-cdk-lib brings along behind its own custom resources."""

from aws_cdk import CfnResource, Stack
from aws_cdk import aws_kms as kms
from constructs import Construct

from ..config import FluxConfig
from .log_group import build_log_group


def keep_logs_of(resource_type: str, *, stack: Stack, config: FluxConfig, key: kms.IKey) -> None:
    """Give the function behind `resource_type` a log group of ours; its own would keep logs for ever.

    Raises:
        RuntimeError: the stack has no such custom resource, or aws-cdk-lib builds it otherwise than it did.
    """
    provider = stack.node.find_child(f"{resource_type}CustomResourceProvider")
    handler = provider.node.find_child("Handler")
    if not (isinstance(provider, Construct) and isinstance(handler, CfnResource)):
        raise RuntimeError(f"{handler.node.path}: expected the function behind {resource_type}")  # noqa: TRY004 - the library's mistake
    log_group = build_log_group(provider, "Logs", config=config, name=None, key=key)
    handler.add_property_override("LoggingConfig", {"LogGroup": log_group.log_group_name})
