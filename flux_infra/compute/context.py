"""What every function of an environment is built with."""

from dataclasses import dataclass

from aws_cdk import aws_kms as kms

from ..config import FluxConfig
from ..constructs.artifacts import Artifacts
from ..data.stack import DataStack
from ..network.stack import NetworkStack


@dataclass(frozen=True, kw_only=True)
class FunctionContext:
    """The layers that a function may use, and what it is made of.

    key: encrypts its logs and messages. artifacts: where its bundle is.
    """

    config: FluxConfig
    network: NetworkStack
    data: DataStack
    key: kms.IKey
    artifacts: Artifacts
