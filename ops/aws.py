"""One environment of Flux on AWS, as an operator reaches it."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import boto3
from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    CredentialRetrievalError,
    HTTPClientError,
    LoginError,
    NoAuthTokenError,
    NoCredentialsError,
    PartialCredentialsError,
    SSOError,
    TokenRetrievalError,
)
from botocore.exceptions import ConnectionError as NoConnectionError

from flux_infra.config import ConfigError, FluxConfig
from flux_infra.environments import environments

from .client_settings import SettingError, require_addresses
from .errors import OpsError

if TYPE_CHECKING:
    from mypy_boto3_backup import BackupClient
    from mypy_boto3_cloudformation import CloudFormationClient
    from mypy_boto3_cloudtrail import CloudTrailClient
    from mypy_boto3_cloudwatch import CloudWatchClient
    from mypy_boto3_codedeploy import CodeDeployClient
    from mypy_boto3_lambda import LambdaClient
    from mypy_boto3_logs import CloudWatchLogsClient
    from mypy_boto3_rds import RDSClient
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_sagemaker import SageMakerClient
    from mypy_boto3_sqs import SQSClient
    from mypy_boto3_sts import STSClient

# The CDK CLI remembers which account a key belongs to, so this key is used for nothing else.
LOCAL_KEY, LOCAL_SECRET = "FLUXLOCALAWS", "nothing-to-protect"

# What botocore says, and how AWS's codes begin, where logging in helps.
LOGGED_OUT = (
    CredentialRetrievalError,
    LoginError,
    NoAuthTokenError,
    NoCredentialsError,
    PartialCredentialsError,
    SSOError,
    TokenRetrievalError,
)
LOGGED_OUT_CODES = ("ExpiredToken", "InvalidClientTokenId", "SignatureDoesNotMatch", "UnrecognizedClient")

# The tag of the bootstrap stack that says whose platform is at the one address that all checkouts share.
CHECKOUT = Path(__file__).resolve().parents[1]
CHECKOUT_TAG = "flux:checkout"


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
    def trail(self) -> "CloudTrailClient":
        """Who has done what."""
        return self.session.client("cloudtrail", endpoint_url=self.url)

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
    def logs(self) -> "CloudWatchLogsClient":
        """The logs."""
        return self.session.client("logs", endpoint_url=self.url)

    @cached_property
    def files(self) -> "S3Client":
        """The buckets."""
        return self.session.client("s3", endpoint_url=self.url)

    @cached_property
    def sqs(self) -> "SQSClient":
        """The queues."""
        return self.session.client("sqs", endpoint_url=self.url)

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

    def poll[Seen](self, look: Callable[[], Seen], *, until: Callable[[Seen], bool], seconds: float) -> Seen:
        """Look again and again; returns what is seen when `until` holds of it, or else when the time is over."""
        deadline = time.monotonic() + seconds
        while not until(seen := look()) and time.monotonic() < deadline:
            time.sleep(self.poll_seconds)
        return seen


def connect(config: FluxConfig) -> Aws:
    """Reach the environment's account with the credentials at hand; `local` needs none.

    Raises:
        OpsError: there are no credentials, they are refused, or they belong to another account; or a setting for AWS in
            this shell is wrong.
        BotoCoreError, ClientError: AWS does not answer, or refuses something else.
    """
    url = config.aws_url
    start = (
        "run 'make up' first"
        if url
        else f"log in to account {config.account} ('aws sso login --profile NAME'), then run this again with "
        "AWS_PROFILE=NAME before it"
    )
    try:
        session = session_of(config)
        sts: STSClient = session.client("sts", endpoint_url=url)
        identity = sts.get_caller_identity()
    except (ValueError, OSError) as error:  # what botocore makes of some settings
        raise SettingError(error) from error
    except (BotoCoreError, ClientError) as error:
        if not _is_logged_out(error):
            raise
        raise OpsError(f"--env {config.name}: AWS does not know who you are: {error}", remedy=start) from error
    if identity["Account"] != config.account:
        raise OpsError(
            f"--env {config.name} is in account {config.account}, but the credentials at hand are of account "
            f"{identity['Account']} ({identity['Arn']})",
            remedy=start,
        )
    aws = Aws(config=config, session=session, url=url, operator=identity["Arn"])
    if url is not None:
        require_this_checkout(aws)
    return aws


def explain(error: BotoCoreError | ClientError, *, environment: str) -> OpsError:
    """What AWS, or the way to it, refused, and what to do about it.

    environment: where it was asked.
    """
    if isinstance(error, NoConnectionError | HTTPClientError):
        place = "run 'make up' first" if environment == "local" else "check the network, then try again"
        return OpsError(f"AWS does not answer: {error}", remedy=place)
    if _is_logged_out(error):
        remedy = "log in again ('aws sso login --profile NAME'), then run this again with AWS_PROFILE=NAME before it"
        return OpsError(f"AWS refused: {error}", remedy=remedy)
    if not isinstance(error, ClientError):
        return SettingError(error)
    code = _code(error)
    if code.startswith(("AccessDenied", "UnauthorizedOperation", "KMS.AccessDenied", "KmsAccessDenied")):
        remedy = "use a role that may do this: an operator's, or the one that the refusal asks for"
    elif code.startswith(("Throttling", "TooManyRequests", "RequestLimitExceeded")):
        remedy = "wait a minute, then run this again"
    else:
        remedy = f"see how far it came with ./flux status --env {environment}"
    return OpsError(f"AWS refused: {error}", remedy=remedy)


def _code(error: ClientError) -> str:
    return str(error.response["Error"]["Code"])


def _is_logged_out(error: BotoCoreError | ClientError) -> bool:
    if isinstance(error, ClientError):
        return _code(error).startswith(LOGGED_OUT_CODES)
    return isinstance(error, LOGGED_OUT)


def session_of(config: FluxConfig) -> boto3.Session:
    """A session with the credentials at hand; AWS on this machine gets none of a person's.

    Raises:
        OpsError: an address in this shell is none.
    """
    if config.aws_url is None:
        require_addresses()
        return boto3.Session(region_name=config.region)
    return boto3.Session(aws_access_key_id=LOCAL_KEY, aws_secret_access_key=LOCAL_SECRET, region_name=config.region)


def require_this_checkout(aws: Aws) -> None:
    """Refuse to act on the platform of another checkout, which has the same address."""
    try:
        (bootstrap,) = aws.stacks.describe_stacks(StackName="CDKToolkit")["Stacks"]
    except ClientError:  # it is just starting
        return
    tags = {tag["Key"]: tag["Value"] for tag in bootstrap.get("Tags", [])}
    owner = tags.get(CHECKOUT_TAG, str(CHECKOUT))
    if owner != str(CHECKOUT):
        raise OpsError(
            f"--env {aws.config.name}: the platform at {aws.url} belongs to the checkout {owner}, not to {CHECKOUT}",
            remedy="run the command there, or 'make down' there and 'make up' here",
        )
