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


def revision(deployment: Deployment, content: dict[str, Json]) -> dict[str, Json]:
    """A RevisionLocation: by its hash alone, unless there is content to show."""
    return {"revisionType": "AppSpecContent", "appSpecContent": {**content, "sha256": deployment.spec.sha256}}


def deployment_info(deployment: Deployment) -> dict[str, Json]:
    """`deploymentInfo` of GetDeployment."""
    group, failure = deployment.group, deployment.failure
    info: dict[str, Json] = {
        "applicationName": group.application,
        "deploymentGroupName": group.name,
        "deploymentConfigName": group.shift.name,
        "deploymentId": deployment.identifier,
        "revision": revision(deployment, {}),
        "status": deployment.status,
        "createTime": deployment.created,
        "description": deployment.description,
        "creator": deployment.creator,
        "autoRollbackConfiguration": _rollback(group),
        "deploymentStyle": _STYLE,
        "computePlatform": "Lambda",
    }
    times = {"startTime": deployment.started, "completeTime": deployment.completed}
    info |= {name: moment for name, moment in times.items() if moment is not None}
    if failure is not None:
        info["errorInformation"] = {"code": failure.code, "message": failure.message}
    if deployment.rollback:
        info["rollbackInfo"] = dict(deployment.rollback)
    return info


def _rollback(group: Group) -> dict[str, Json]:
    events: list[Json] = [*sorted(group.rollback_on)]
    return {"enabled": bool(events), "events": events}
