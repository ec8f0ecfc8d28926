"""Runs a deployment: hook, traffic in steps, hook; watched by alarms all the time; back on failure.

"Working with deployments in CodeDeploy" (Lambda) and "Redeploy and roll back a deployment": an alarm that is active at
the start or becomes so stops the deployment; a rollback is a new deployment of the version that served before.
"""

import base64
import json
import logging
import secrets
import threading
import time
from collections.abc import Callable, Mapping
from contextvars import copy_context
from typing import Protocol

from .appspec import AFTER, BEFORE
from .deployment import Deployment, DeploymentFailure
from .registry import Registry
from .shifting import MINUTE_SECONDS

_LOGGER = logging.getLogger(__name__)

POLL_SECONDS = 0.2
"""How often alarms and hooks are looked at."""

HOOK_MINUTES = 60
"""How long CodeDeploy waits for a hook's status before it counts as failed."""


class Aws(Protocol):
    """What a deployment does to the functions, and asks of the alarms."""

    def shift(self, function: str, alias: str, version: str, weights: Mapping[str, float]) -> None:
        """Point the alias at `version`, less what the weights give to others."""

    def invoke(self, function: str, event: Mapping[str, str]) -> str | None:
        """Invoke a hook and wait; what went wrong, or None."""

    def alarm_state(self, name: str) -> str | None:
        """An alarm's state; None: it does not exist."""


class Engine:
    """Runs deployments, each in the thread that asks for it."""

    def __init__(self, registry: Registry, aws: Aws, *, minute: float = MINUTE_SECONDS) -> None:
        self._registry = registry
        self._aws = aws
        self._minute = minute

    def run(self, deployment: Deployment) -> None:
        """Run it to its end; its status and failure say which."""
        deployment.status, deployment.started = "InProgress", time.time()
        _LOGGER.info("deployment %s of %s begins", deployment.identifier, deployment.group.name)
        try:
            self._watch(deployment)
            self._hook(deployment, BEFORE)
            self._allow_traffic(deployment)
            self._hook(deployment, AFTER)
        except DeploymentFailure as failure:
            self._fail(deployment, failure)
        except Exception as error:
            _LOGGER.exception("deployment %s failed", deployment.identifier)
            self._fail(deployment, DeploymentFailure(code="INTERNAL_ERROR", message=str(error)))
        else:
            deployment.status = "Succeeded"
        deployment.completed = time.time()
        _LOGGER.info("deployment %s: %s", deployment.identifier, deployment.status)

    def _watch(self, deployment: Deployment) -> None:
        """End the deployment if an alarm is active.

        Raises:
            DeploymentFailure: it ends.
        """
        states = {name: self._aws.alarm_state(name) for name in deployment.group.alarms}
        if missing := [name for name, state in states.items() if state is None]:
            raise DeploymentFailure(
                code="CODEDEPLOY_RESOURCE_CANNOT_BE_FOUND", message=f"Alarms not found: {', '.join(missing)}"
            )
        if active := [name for name, state in states.items() if state == "ALARM"]:
            raise DeploymentFailure(
                code="ALARM_ACTIVE",
                message="One or more alarms have been activated according to the Amazon CloudWatch metrics you "
                f"selected, and the affected deployments have been stopped. Activated alarms: {', '.join(active)}.",
                status="Stopped",
                event="DEPLOYMENT_STOP_ON_ALARM",
            )

    def _wait(self, deployment: Deployment, minutes: float, done: Callable[[], bool]) -> bool:
        """Watch until `done`, or until the minutes are over; answers whether it was done."""
        end = time.monotonic() + minutes * self._minute
        while not done():
            if time.monotonic() >= end:
                return False
            time.sleep(POLL_SECONDS)
            self._watch(deployment)
        return True

    def _hook(self, deployment: Deployment, name: str) -> None:
        hook = deployment.spec.hooks.get(name)
        if hook is None:
            return
        raw = {"deploymentId": deployment.identifier, "event": name, "nonce": secrets.token_hex(8)}
        execution = base64.urlsafe_b64encode(json.dumps(raw).encode()).decode()
        deployment.hooks[execution] = "Pending"
        errors: list[str] = []

        def invoke() -> None:
            payload = {"DeploymentId": deployment.identifier, "LifecycleEventHookExecutionId": execution}
            error = self._aws.invoke(hook, payload)
            errors.extend([error] if error else [])

        context = copy_context()
        threading.Thread(target=context.run, args=(invoke,), name=f"hook-{name}", daemon=True).start()
        self._wait(deployment, HOOK_MINUTES, lambda: bool(errors) or deployment.hooks[execution] != "Pending")
        status = deployment.hooks[execution]
        if status == "Succeeded":
            return
        why = errors[0] if errors else f"it reported {status}" if status != "Pending" else "it reported nothing"
        raise DeploymentFailure(
            code="HOOK_EXECUTION_FAILURE", message=f"The Lambda function {hook} failed the {name} event: {why}"
        )

    def _allow_traffic(self, deployment: Deployment) -> None:
        spec = deployment.spec
        for step in deployment.group.shift.steps:
            self._aws.shift(spec.function, spec.alias, spec.current, {spec.target: step.share})
            self._wait(deployment, step.minutes, lambda: False)
        self._aws.shift(spec.function, spec.alias, spec.target, {})

    def _fail(self, deployment: Deployment, failure: DeploymentFailure) -> None:
        deployment.failure, deployment.status = failure, failure.status
        if failure.event in deployment.group.rollback_on:
            self._roll_back(deployment)

    def _roll_back(self, deployment: Deployment) -> None:
        """Give all traffic back at once, as a deployment of its own."""
        spec = deployment.spec.reversed()
        back = Deployment(
            group=deployment.group,
            spec=spec,
            creator="codeDeployRollback",
            description=f"Rollback of {deployment.identifier}",
            rollback={"rollbackTriggeringDeploymentId": deployment.identifier},
        )
        self._registry.add(back)
        back.status, back.started = "InProgress", time.time()
        self._aws.shift(spec.function, spec.alias, spec.target, {})
        back.status, back.completed = "Succeeded", time.time()
        deployment.rollback = {
            "rollbackDeploymentId": back.identifier,
            "rollbackMessage": "Deployment rolled back because it failed or an alarm stopped it",
        }
