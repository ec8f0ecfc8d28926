"""Releases of one function: what `live` serves, and how it came there through CodeDeploy."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from flux_infra.constructs.names import ALIAS, deployment_application_name, deployment_group_name, output_name

from .aws import Aws
from .errors import OpsError
from .stacks import DeployedStack

if TYPE_CHECKING:
    from mypy_boto3_codedeploy import CodeDeployClient
    from mypy_boto3_codedeploy.type_defs import DeploymentInfoTypeDef, RevisionLocationTypeDef

# How the description of a rollback's deployment begins, by which it is told from a release.
ROLLBACK = "flux rollback"
# As the first of these commands wrote it; its deployments are still listed.
_ROLLBACKS = (ROLLBACK, "flux ops rollback")

# More than anybody looks back; CodeDeploy describes at most 25 at once (BatchGetDeployments).
_REMEMBERED = 25

_ENDED = ("Succeeded", "Failed", "Stopped")


@dataclass(frozen=True, kw_only=True)
class Deployment:
    """One deployment of a function.

    current, target: the versions it moves between.
    began, ended: None while unknown.
    creator: CloudFormation, user, or codeDeployRollback.
    reason: why it failed or was stopped, or "".
    """

    identifier: str
    status: str
    current: str
    target: str
    creator: str
    description: str
    reason: str
    began: datetime | None
    ended: datetime | None

    @property
    def running(self) -> bool:
        """Whether it has not come to its end."""
        return self.status not in _ENDED

    @property
    def is_release(self) -> bool:
        """Whether it made its target the live version, as a release and not as a step back."""
        return (
            self.status == "Succeeded"
            and self.creator != "codeDeployRollback"
            and not self.description.startswith(_ROLLBACKS)
        )


@dataclass(frozen=True, kw_only=True)
class LiveFunction:
    """A function that takes traffic, as it stands.

    function: its physical name.
    version: what `live` names; weights: share of the traffic, 0 to 1, that others get meanwhile.
    templated: the version that the deployed template made last; None if it has none.
    made: when that version was published.
    deployments: the last ones, newest first.
    """

    name: str
    function: str
    version: str
    templated: str | None
    made: datetime | None = None
    weights: Mapping[str, float] = field(default_factory=dict)
    deployments: tuple[Deployment, ...] = ()

    @classmethod
    def read(cls, aws: Aws, compute: DeployedStack, name: str) -> "LiveFunction":
        """Ask Lambda and CodeDeploy."""
        function = compute.output(output_name(name, "FunctionName"))
        alias = aws.functions.get_alias(FunctionName=function, Name=ALIAS)
        versions = [
            physical_id.rpartition(":")[2]
            for physical_id in compute.of_type("AWS::Lambda::Version").values()
            if f":function:{function}:" in physical_id
        ]
        return cls(
            name=name,
            function=function,
            version=alias["FunctionVersion"],
            made=published(aws, function, alias["FunctionVersion"]),
            templated=max(versions, key=int, default=None),
            weights=dict(alias.get("RoutingConfig", {}).get("AdditionalVersionWeights", {})),
            deployments=tuple(_deployments(aws, name)),
        )

    @property
    def since(self) -> datetime | None:
        """When the live version got all the traffic: at once when it was made, if CodeDeploy did not move it."""
        moved = (each for each in self.deployments if each.status == "Succeeded" and each.target == self.version)
        return next((each.ended for each in moved), self.made)

    @property
    def release(self) -> Deployment | None:
        """The release that brought the live version."""
        return next((each for each in self.deployments if each.is_release and each.target == self.version), None)

    @property
    def running(self) -> Deployment | None:
        """The deployment that is under way."""
        return next((each for each in self.deployments if each.running), None)


def published(aws: Aws, function: str, version: str) -> datetime:
    """When a version of a function was published."""
    found = aws.functions.get_function_configuration(FunctionName=function, Qualifier=version)
    return datetime.fromisoformat(found["LastModified"])


def versions(aws: Aws, function: str) -> list[str]:
    """Published versions of a function, newest first."""
    pages = aws.functions.get_paginator("list_versions_by_function").paginate(FunctionName=function)
    published = [version["Version"] for page in pages for version in page["Versions"]]
    return sorted((version for version in published if version != "$LATEST"), key=int, reverse=True)


def get_deployment(aws: Aws, identifier: str) -> Deployment:
    """One deployment as it stands."""
    return _read(aws, aws.deployments.get_deployment(deploymentId=identifier)["deploymentInfo"])


def _deployments(aws: Aws, name: str) -> list[Deployment]:
    try:
        identifiers = aws.deployments.list_deployments(
            applicationName=deployment_application_name(aws.config),
            deploymentGroupName=deployment_group_name(aws.config, name),
        )["deployments"]
    except ClientError as error:
        raise OpsError(
            f"CodeDeploy group {deployment_group_name(aws.config, name)}: {error.response['Error']['Message']}",
            remedy=f"deploy the compute stack first: cdk deploy 'Flux-{aws.config.name}/Compute'",
        ) from error
    if not identifiers:
        return []
    infos = aws.deployments.batch_get_deployments(deploymentIds=identifiers[:_REMEMBERED])["deploymentsInfo"]
    deployments = [_read(aws, info) for info in infos]
    return sorted(deployments, key=lambda each: each.began.timestamp() if each.began else 0.0, reverse=True)


def _read(aws: Aws, info: "DeploymentInfoTypeDef") -> Deployment:
    content = revision_content(aws.deployments, info) or "{}"
    properties = [
        resource["Properties"] for named in json.loads(content).get("Resources", []) for resource in named.values()
    ]
    error = info.get("errorInformation", {})
    return Deployment(
        identifier=info["deploymentId"],
        status=info["status"],
        current=str(properties[0]["CurrentVersion"]) if properties else "",
        target=str(properties[0]["TargetVersion"]) if properties else "",
        creator=info.get("creator", ""),
        description=info.get("description", ""),
        reason=error.get("message", ""),
        began=info.get("createTime"),
        ended=info.get("completeTime"),
    )


def revision_content(client: "CodeDeployClient", info: "DeploymentInfoTypeDef") -> str | None:
    """The AppSpec of a deployment. CodeDeploy may name it there by its hash alone; the application keeps the text."""
    revision = info["revision"]
    content = _content(revision)
    if content is None:
        content = _content(
            client.get_application_revision(applicationName=info["applicationName"], revision=revision)["revision"]
        )
    return content


def _content(revision: "RevisionLocationTypeDef") -> str | None:
    return revision.get("appSpecContent", {}).get("content") or revision.get("string", {}).get("content")


def appspec(*, function: str, current: str, target: str, gate: str) -> tuple[str, str]:
    """An AppSpec that moves `live`, and its SHA-256: CodeDeploy asks for both.

    gate: the function that tries the target before it takes traffic, and again when it has all of it.
    """
    properties = {"Name": function, "Alias": ALIAS, "CurrentVersion": current, "TargetVersion": target}
    resource = {function: {"Type": "AWS::Lambda::Function", "Properties": properties}}
    hooks = [{"BeforeAllowTraffic": gate}, {"AfterAllowTraffic": gate}]
    content = json.dumps({"version": 0.0, "Resources": [resource], "Hooks": hooks})
    return content, hashlib.sha256(content.encode()).hexdigest()
