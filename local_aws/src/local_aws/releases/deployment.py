"""One deployment: what it shall do, and how far it has come."""

import secrets
import string
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from .appspec import AppSpec
from .shifting import TrafficShift

type Status = Literal["Created", "InProgress", "Succeeded", "Failed", "Stopped"]


@dataclass(frozen=True, kw_only=True)
class Group:
    """A deployment group.

    alarms: names of the alarms that stop a deployment; empty if they are disabled.
    rollback_on: the events that roll back by themselves, like DEPLOYMENT_FAILURE; empty if that is disabled.
    """

    application: str
    name: str
    shift: TrafficShift
    role: str
    alarms: tuple[str, ...] = ()
    rollback_on: frozenset[str] = frozenset()


@dataclass(kw_only=True, eq=False)  # not frozen: raising an exception writes to it
class DeploymentFailure(Exception):  # noqa: N818 - a deployment fails or is stopped; both are ordinary ends
    """Why a deployment ended early.

    code: as in errorInformation, like ALARM_ACTIVE.
    status: Stopped if an alarm told it to; Failed otherwise.
    event: the kind of failure for AutoRollbackConfiguration.
    """

    code: str
    message: str
    status: Literal["Failed", "Stopped"] = "Failed"
    event: str = "DEPLOYMENT_FAILURE"


def new_deployment_id() -> str:
    """An identifier as CodeDeploy makes them, like `d-3FK7QX2LM`."""
    return "d-" + "".join(secrets.choice(string.ascii_uppercase + string.digits) for _ in range(9))


@dataclass(kw_only=True)
class Deployment:
    """A deployment and its history. Written by the thread that runs it; read by the API at any time.

    creator: `CloudFormation`, `user`, or `codeDeployRollback`.
    failure: why it ended early. rollback: facts about the rollback that belongs to it, as GetDeployment answers them.
    hooks: status of each hook execution, by execution id, as PutLifecycleEventHookExecutionStatus told it.
    """

    group: Group
    spec: AppSpec
    creator: str
    description: str = ""
    identifier: str = field(default_factory=new_deployment_id)
    status: Status = "Created"
    created: float = field(default_factory=time.time)
    started: float | None = None
    completed: float | None = None
    failure: DeploymentFailure | None = None
    rollback: Mapping[str, str] = field(default_factory=dict)
    hooks: dict[str, str] = field(default_factory=dict)

    @property
    def ended(self) -> bool:
        """Whether it has come to its end, good or bad."""
        return self.status in ("Succeeded", "Failed", "Stopped")
