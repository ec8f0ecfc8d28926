"""CodeDeploy's API, the operations that a Lambda deployment needs ("CodeDeploy API Reference")."""

from collections.abc import Callable, Mapping
from dataclasses import replace

from ..values import Json, Properties
from .appspec import AppSpecError, of_revision
from .deployment import Deployment, Group
from .registry import CodeDeployError, Registry
from .views import deployment_info, group_info, revision

type Answer = dict[str, Json]


class Api:
    """Answers requests. begin: runs a new deployment without waiting for it."""

    def __init__(self, registry: Registry, begin: Callable[[Deployment], None]) -> None:
        self._registry = registry
        self._begin = begin
        self._operations: Mapping[str, Callable[[Properties], Answer]] = {
            "BatchGetDeployments": self._batch_get_deployments,
            "CreateDeployment": self._create_deployment,
            "GetDeployment": lambda asked: {"deploymentInfo": deployment_info(self._deployment(asked))},
            "GetDeploymentGroup": lambda asked: {"deploymentGroupInfo": group_info(registry.group(*_names(asked)))},
            "GetApplicationRevision": self._get_application_revision,
            "ListDeployments": self._list_deployments,
            "PutLifecycleEventHookExecutionStatus": self._put_hook_status,
            "UpdateDeploymentGroup": self._update_deployment_group,
        }

    def answer(self, operation: str, asked: Properties) -> Answer:
        """Carry out one operation.

        Raises:
            CodeDeployError: CodeDeploy refuses it.
            InvalidValueError: a parameter is malformed.
        """
        carry_out = self._operations.get(operation)
        if carry_out is None:
            raise CodeDeployError("UnknownOperationException", f"CodeDeploy's {operation} is not available here")
        return carry_out(asked)

    def _deployment(self, asked: Properties) -> Deployment:
        return self._registry.deployment(asked.text("deploymentId"))

    def _get_application_revision(self, asked: Properties) -> Answer:
        name = asked.text("applicationName")
        wanted = asked.child("revision").child("appSpecContent").text("sha256")
        for deployment in self._registry.deployments():
            if deployment.group.application == name and deployment.spec.sha256 == wanted:
                return {"applicationName": name, "revision": revision(deployment, {"content": deployment.spec.content})}
        raise CodeDeployError("RevisionDoesNotExistException", f"No revision found for the application {name}")

    def _update_deployment_group(self, asked: Properties) -> Answer:
        """Change how traffic moves from now on; nothing else of a group can be changed here."""
        group = self._registry.group(asked.text("applicationName"), asked.text("currentDeploymentGroupName"))
        shift = self._registry.configuration(asked.text("deploymentConfigName"))
        self._registry.groups[group.application, group.name] = replace(group, shift=shift)
        return {"hooksNotCleanedUp": []}

    def _list_deployments(self, asked: Properties) -> Answer:
        statuses = asked.texts("includeOnlyStatuses")
        wanted = {name: asked.text(name) for name in ("applicationName", "deploymentGroupName") if name in asked}
        found: list[Json] = [
            deployment.identifier
            for deployment in self._registry.deployments()
            if wanted.get("applicationName", deployment.group.application) == deployment.group.application
            and wanted.get("deploymentGroupName", deployment.group.name) == deployment.group.name
            and (not statuses or deployment.status in statuses)
        ]
        return {"deployments": found}

    def _batch_get_deployments(self, asked: Properties) -> Answer:
        identifiers = asked.texts("deploymentIds")
        return {"deploymentsInfo": [deployment_info(self._registry.deployment(one)) for one in identifiers]}

    def _create_deployment(self, asked: Properties) -> Answer:
        group = self._overridden(self._registry.group(*_names(asked)), asked)
        try:
            spec = of_revision(asked.child("revision"))
        except AppSpecError as error:
            raise CodeDeployError("InvalidRevisionException", str(error)) from error
        deployment = Deployment(group=group, spec=spec, creator="user", description=asked.text("description", ""))
        self._registry.add(deployment)
        self._begin(deployment)
        return {"deploymentId": deployment.identifier}

    def _overridden(self, group: Group, asked: Properties) -> Group:
        """The group as one deployment sees it: it may come with a configuration and alarms of its own."""
        if "deploymentConfigName" in asked:
            group = replace(group, shift=self._registry.configuration(asked.text("deploymentConfigName")))
        if "overrideAlarmConfiguration" in asked:
            watched = asked.child("overrideAlarmConfiguration")
            alarms = watched.children("alarms") if watched.flag("enabled", default=False) else []
            group = replace(group, alarms=tuple(alarm.text("name") for alarm in alarms))
        return group

    def _put_hook_status(self, asked: Properties) -> Answer:
        deployment, execution = self._deployment(asked), asked.text("lifecycleEventHookExecutionId")
        if execution not in deployment.hooks:
            raise CodeDeployError("InvalidLifecycleEventHookExecutionIdException", "A lifecycle event hook is invalid.")
        if deployment.hooks[execution] != "Pending":
            raise CodeDeployError("LifecycleEventAlreadyCompletedException", "The event has already completed.")
        status = asked.text("status")
        if status not in ("Succeeded", "Failed"):
            raise CodeDeployError("InvalidLifecycleEventHookExecutionStatusException", f"status={status} is invalid.")
        deployment.hooks[execution] = status
        return {"lifecycleEventHookExecutionId": execution}


def _names(asked: Properties) -> tuple[str, str]:
    return asked.text("applicationName"), asked.text("deploymentGroupName")
