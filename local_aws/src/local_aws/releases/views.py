"""What CodeDeploy's API answers about its things."""

from ..values import Json
from .deployment import Deployment, Group

_STYLE: dict[str, Json] = {"deploymentType": "BLUE_GREEN", "deploymentOption": "WITH_TRAFFIC_CONTROL"}


def group_info(group: Group) -> dict[str, Json]:
    """`deploymentGroupInfo` of GetDeploymentGroup."""
    return {
        "applicationName": group.application,
        "deploymentGroupName": group.name,
        "deploymentConfigName": group.shift.name,
        "serviceRoleArn": group.role,
        "alarmConfiguration": {"enabled": bool(group.alarms), "alarms": [{"name": name} for name in group.alarms]},
        "autoRollbackConfiguration": _rollback(group),
        "deploymentStyle": _STYLE,
        "computePlatform": "Lambda",
    }


def deployment_info(deployment: Deployment) -> dict[str, Json]:
    """`deploymentInfo` of GetDeployment."""
    group, failure = deployment.group, deployment.failure
    info: dict[str, Json] = {
        "applicationName": group.application,
        "deploymentGroupName": group.name,
        "deploymentConfigName": group.shift.name,
        "deploymentId": deployment.identifier,
        "revision": deployment.spec.reference,
        "status": deployment.status,
        "createTime": deployment.created,
        "description": deployment.description,
        "creator": deployment.creator,
        "autoRollbackConfiguration": _rollback(group),
        "deploymentStyle": _STYLE,
        "computePlatform": "Lambda",
    }
    if deployment.started is not None:
        info["startTime"] = deployment.started
    if deployment.completed is not None:
        info["completeTime"] = deployment.completed
    if failure is not None:
        info["errorInformation"] = {"code": failure.code, "message": failure.message}
    if deployment.rollback:
        info["rollbackInfo"] = dict(deployment.rollback)
    return info


def _rollback(group: Group) -> dict[str, Json]:
    events: list[Json] = [*sorted(group.rollback_on)]
    return {"enabled": bool(events), "events": events}
