"""One environment of Flux on AWS, as an operator reaches it."""

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import boto3
from botocore.exceptions import BotoCoreError, ClientError

from flux_infra.config import ConfigError, FluxConfig
from flux_infra.environments import LOCAL, environments

from .errors import OpsError

if TYPE_CHECKING:
    from mypy_boto3_backup import BackupClient
    from mypy_boto3_cloudformation import CloudFormationClient
    from mypy_boto3_cloudwatch import CloudWatchClient
    from mypy_boto3_codedeploy import CodeDeployClient
    from mypy_boto3_lambda import LambdaClient
    from mypy_boto3_rds import RDSClient
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_sagemaker import SageMakerClient
    from mypy_boto3_sts import STSClient


def find_environment(name: str) -> FluxConfig:
    """The environment of that name; `pr-<number>` is a preview.

    Raises:
        OpsError: there is none.
    """
    try:
        known = environments(preview=name if name.startswith("pr-") else None)
    except ConfigError:
        known = environments()
    for config in known:
        if config.name == name:
            return config
    names = ", ".join(config.name for config in known)
    raise OpsError(f"--env {name}: no such environment", remedy=f"give one of {names}, or pr-<number> for a preview")


@dataclass(frozen=True, kw_only=True)
class Aws:
    """Clients for one environment's account.

    config: the environment.
    session: whose credentials.
    url: where every service is; None: AWS itself.
    operator: who is acting, an ARN.
    """

    config: FluxConfig
    session: boto3.Session
    url: str | None
    operator: str

    @cached_property
    def stacks(self) -> "CloudFormationClient":
        """The stacks."""
        return self.session.client("cloudformation", endpoint_url=self.url)

    @cached_property
    def functions(self) -> "LambdaClient":
        """The functions."""
        return self.session.client("lambda", endpoint_url=self.url)

    @cached_property
    def deployments(self) -> "CodeDeployClient":
        """The releases of functions."""
        return self.session.client("codedeploy", endpoint_url=self.url)

    @cached_property
    def alarms(self) -> "CloudWatchClient":
        """The alarms."""
        return self.session.client("cloudwatch", endpoint_url=self.url)

    @cached_property
    def files(self) -> "S3Client":
        """The buckets."""
        return self.session.client("s3", endpoint_url=self.url)

    @cached_property
    def sagemaker(self) -> "SageMakerClient":
        """The model's endpoint."""
        return self.session.client("sagemaker", endpoint_url=self.url)

    @cached_property
    def databases(self) -> "RDSClient":
        """The databases."""
        return self.session.client("rds", endpoint_url=self.url)

    @cached_property
    def backups(self) -> "BackupClient":
        """The backups of the databases."""
        return self.session.client("backup", endpoint_url=self.url)

    @property
    def poll_seconds(self) -> float:
        """How long to wait between two looks at something that is under way; this machine is faster than AWS."""
        return 5.0 if self.url is None else 0.5


def connect(config: FluxConfig) -> Aws:
    """Reach the environment's account with the credentials at hand; `local` needs none.

    Raises:
        OpsError: there are no credentials, they are refused, or they belong to another account.
    """
    if config == LOCAL:
        from local import machine  # noqa: PLC0415 - the only environment that needs what is on this machine

        return _identified(config, machine.session(), machine.AWS_URL)
    return _identified(config, boto3.Session(region_name=config.region), None)


def _identified(config: FluxConfig, session: boto3.Session, url: str | None) -> Aws:
    sts: STSClient = session.client("sts", endpoint_url=url)
    start = (
        "run 'make up' first"
        if url
        else f"log in to account {config.account} ('aws sso login --profile NAME'), then run this again with "
        "AWS_PROFILE=NAME before it"
    )
    try:
        identity = sts.get_caller_identity()
    except (BotoCoreError, ClientError) as error:
        raise OpsError(f"--env {config.name}: AWS does not know who you are: {error}", remedy=start) from error
    if identity["Account"] != config.account:
        raise OpsError(
            f"--env {config.name} is in account {config.account}, but the credentials at hand are of account "
            f"{identity['Account']} ({identity['Arn']})",
            remedy=start,
        )
    return Aws(config=config, session=session, url=url, operator=identity["Arn"])
