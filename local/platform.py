"""A handle on the deployed platform: what its stacks put out, and clients for everything in it."""

import json
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING
from uuid import UUID

import httpx
import psycopg

from flux_infra.constructs.names import LAYERS
from flux_infra.environments import LOCAL
from ops.aws import Aws
from ops.site import SiteReleases
from ops.site_address import site_address

from . import machine
from .console import StepFailed
from .toolkit import STAGE

if TYPE_CHECKING:
    from mypy_boto3_cloudformation import CloudFormationClient
    from mypy_boto3_codedeploy.type_defs import DeploymentInfoTypeDef
    from mypy_boto3_events import EventBridgeClient
    from mypy_boto3_kms import KMSClient
    from mypy_boto3_secretsmanager import SecretsManagerClient

DEPLOYED = {"CREATE_COMPLETE", "UPDATE_COMPLETE"}


@dataclass(frozen=True, kw_only=True)
class Platform(Aws):
    """The platform on this machine, as its users and operators meet it.

    outputs: stack outputs by `<Layer>.<OutputId>`, like `Frontend.SiteUrl`.
    """

    outputs: Mapping[str, str]

    @classmethod
    def deployed(cls) -> "Platform":
        """Read the outputs of all seven stacks.

        Raises:
            StepFailed: a stack is missing or was left half-way by a failed deployment.
        """
        session = machine.session()
        client: CloudFormationClient = session.client("cloudformation", endpoint_url=machine.AWS_URL)
        stacks = {
            stack["StackName"]: stack
            for page in client.get_paginator("describe_stacks").paginate()
            for stack in page["Stacks"]
        }
        outputs: dict[str, str] = {}
        for layer in LAYERS:
            stack = stacks.get(f"{STAGE}-{layer}")
            status = stack["StackStatus"] if stack else "missing"
            if stack is None or status not in DEPLOYED | {"UPDATE_ROLLBACK_COMPLETE"}:
                raise StepFailed(f"stack {STAGE}-{layer} is {status}", remedy="run 'make down', then 'make up'")
            outputs |= {f"{layer}.{output['OutputKey']}": output["OutputValue"] for output in stack.get("Outputs", [])}
        return cls(config=LOCAL, session=session, url=machine.AWS_URL, operator="this machine", outputs=outputs)

    @cached_property
    def site_url(self) -> str:
        """Where a person opens the site: the distribution under a name that every browser finds on this machine."""
        frontend = {"DistributionId": self.outputs["Frontend.DistributionId"]}
        return site_address(frontend, aws_url=machine.AWS_URL)

    def visitor(self) -> httpx.Client:
        """An HTTP client whose requests go through CloudFront, as a browser's and Square's do."""
        return httpx.Client(
            base_url=machine.AWS_URL, headers={"host": self.site_url.removeprefix("http://")}, timeout=30
        )

    @cached_property
    def site(self) -> SiteReleases:
        """The releases of the site."""
        return SiteReleases.of(machine.session(), "local", endpoint_url=self.url)

    @cached_property
    def events(self) -> "EventBridgeClient":
        """The schedules."""
        return self.session.client("events", endpoint_url=self.url)

    @cached_property
    def kms(self) -> "KMSClient":
        """The customer-managed keys."""
        return self.session.client("kms", endpoint_url=machine.AWS_URL)

    def deployment(self, deployment_id: str) -> "DeploymentInfoTypeDef":
        """What CodeDeploy says about one deployment."""
        return self.deployments.get_deployment(deploymentId=deployment_id)["deploymentInfo"]

    @cached_property
    def secrets(self) -> "SecretsManagerClient":
        """The secrets."""
        return self.session.client("secretsmanager", endpoint_url=machine.AWS_URL)

    def secret(self, output: str) -> dict[str, str]:
        """The value of the secret whose name is the given output."""
        value = self.secrets.get_secret_value(SecretId=self.outputs[output])["SecretString"]
        parsed: dict[str, str] = json.loads(value)
        return parsed

    def send_tick(self, rule_output: str, queue_output: str) -> None:
        """Put on a queue the very message that a schedule puts there, without waiting for its hour."""
        (target,) = self.events.list_targets_by_rule(Rule=self.outputs[rule_output])["Targets"]
        self.sqs.send_message(QueueUrl=self.outputs[queue_output], MessageBody=target["Input"])

    def log_in(self, login: Mapping[str, str]) -> psycopg.Connection:
        """A connection to PostgreSQL with a secret's user name and password."""
        return psycopg.connect(
            host=self.outputs["Data.DatabaseHost"],
            port=int(self.outputs["Data.DatabasePort"]),
            dbname="flux",
            user=login["username"],
            password=login["password"],
            sslmode="verify-full",
            sslrootcert=str(machine.CERTIFICATE_AUTHORITY),
        )

    @contextmanager
    def tenant(self, restaurant_id: UUID, *, as_owner: bool = False) -> Iterator[psycopg.Connection]:
        """A transaction in PostgreSQL on one restaurant's rows, as the functions' role or as the schema's owner."""
        login = self.secret("Data.OwnerSecretName" if as_owner else "Data.DatabaseSecretName")
        with self.log_in(login) as connection:
            connection.execute("SELECT set_config('app.restaurant_id', %s, true)", [str(restaurant_id)])
            yield connection


def wait_until[Result](what: str, read: Callable[[], Result | None], *, seconds: float) -> Result:
    """Read again and again until there is a result.

    Raises:
        StepFailed: nothing came within `seconds`.
    """
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        result = read()
        if result is not None:
            return result
        time.sleep(0.2)
    raise StepFailed(f"{what}: not within {seconds:.0f} s", remedy=f"read {machine.LOGS / 'aws.log'}")
