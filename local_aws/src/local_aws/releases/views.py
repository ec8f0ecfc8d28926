"""What CodeDeploy's API answers about its things."""

from ..values import Json
from .deployment import Deployment, Group, LifecycleEvent

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


def target_info(deployment: Deployment) -> dict[str, Json]:
    """The deployment's one target, as GetDeploymentTarget answers it."""
    spec, share = deployment.spec, 0.0
    if deployment.event("AllowTraffic").status == "Succeeded":
        share = 1.0
    elif deployment.event("AllowTraffic").status == "InProgress" and deployment.group.shift.steps:
        share = deployment.group.shift.steps[0].share
    return {
        "deploymentTargetType": "LambdaTarget",
        "lambdaTarget": {
            "deploymentId": deployment.identifier,
            "targetId": f"{spec.function}:{spec.alias}",
            "status": {"Created": "Pending", "Stopped": "Failed"}.get(deployment.status, deployment.status),
            "lifecycleEvents": [_event(event) for event in deployment.events],
            "lambdaFunctionInfo": {
                "functionName": spec.function,
                "functionAlias": spec.alias,
                "currentVersion": spec.current,
                "targetVersion": spec.target,
                "targetVersionWeight": share,
            },
        },
    }


def _rollback(group: Group) -> dict[str, Json]:
    events: list[Json] = [*sorted(group.rollback_on)]
    return {"enabled": bool(events), "events": events}


def _event(event: LifecycleEvent) -> Json:
    view: dict[str, Json] = {"lifecycleEventName": event.name, "status": event.status}
    if event.started is not None:
        view["startTime"] = event.started
    if event.ended is not None:
        view["endTime"] = event.ended
    return view
