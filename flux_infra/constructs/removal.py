"""What becomes of a resource whose stack is deleted, or whose replacement takes its place."""

from aws_cdk import RemovalPolicy

from ..config import FluxConfig


def state_removal(config: FluxConfig) -> RemovalPolicy:
    """Data, keys, secrets and logs: kept where the environment is, deleted with an ephemeral one.

    Kept means RetainExceptOnCreate: a failed first deployment can be repeated without cleaning up by hand.
    """
    return RemovalPolicy.DESTROY if config.ephemeral else RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE
