"""The CodeDeploy deployment that the gate decides on.

Source: CodeDeploy User Guide, "AppSpec File structure" (AWS Lambda) and "AppSpec 'hooks' section".
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated

from pydantic import BaseModel, Field

if TYPE_CHECKING:
    from mypy_boto3_codedeploy import CodeDeployClient
    from mypy_boto3_codedeploy.type_defs import RevisionLocationTypeDef


class HookEvent(BaseModel):
    """What CodeDeploy sends to a hook."""

    deployment_id: Annotated[str, Field(alias="DeploymentId")]
    execution_id: Annotated[str, Field(alias="LifecycleEventHookExecutionId")]


@dataclass(frozen=True, kw_only=True)
class Release:
    """A new version that asks for traffic through an alias, and the one that has it."""

    function: str
    alias: str
    version: str
    live_version: str


class _Properties(BaseModel):
    name: Annotated[str, Field(alias="Name")]
    alias: Annotated[str, Field(alias="Alias")]
    current_version: Annotated[str, Field(alias="CurrentVersion")]
    target_version: Annotated[str, Field(alias="TargetVersion")]


class _Resource(BaseModel):
    properties: Annotated[_Properties, Field(alias="Properties")]


class _AppSpec(BaseModel):
    resources: Annotated[list[dict[str, _Resource]], Field(alias="Resources", min_length=1)]


class Deployments:
    """CodeDeploy, as far as the gate needs it."""

    def __init__(self, client: "CodeDeployClient") -> None:
        self._client = client

    def releases(self, deployment_id: str) -> list[Release]:
        """The versions that the deployment would give traffic.

        Raises:
            ValueError: its revision is no AppSpec in JSON.
            botocore.exceptions.ClientError: CodeDeploy refuses.
        """
        info = self._client.get_deployment(deploymentId=deployment_id)["deploymentInfo"]
        revision = info["revision"]
        content = _content(revision)
        if content is None:
            # CodeDeploy may name the revision by its hash alone; the application keeps the text.
            kept = self._client.get_application_revision(applicationName=info["applicationName"], revision=revision)
            content = _content(kept["revision"])
        if content is None:
            raise ValueError(
                f"deployment {deployment_id} has no AppSpec content; deploy with CloudFormation or the CLI"
            )
        return [
            Release(
                function=resource.properties.name,
                alias=resource.properties.alias,
                version=resource.properties.target_version,
                live_version=resource.properties.current_version,
            )
            for named in _AppSpec.model_validate_json(content).resources
            for resource in named.values()
        ]

    def answer(self, event: HookEvent, *, succeeded: bool) -> None:
        """Tell CodeDeploy whether traffic may move."""
        self._client.put_lifecycle_event_hook_execution_status(
            deploymentId=event.deployment_id,
            lifecycleEventHookExecutionId=event.execution_id,
            status="Succeeded" if succeeded else "Failed",
        )


def _content(revision: "RevisionLocationTypeDef") -> str | None:
    # CloudFormation and the CLI write `appSpecContent`; `string` is its older form.
    return revision.get("appSpecContent", {}).get("content") or revision.get("string", {}).get("content")
