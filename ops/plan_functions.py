"""Plans the rollback of functions: which of them, to which version, and whether now."""

from collections.abc import Sequence
from datetime import timedelta

from flux_infra.constructs.names import deployment_application_name, deployment_group_name

from . import record
from .alarms import firing
from .aws import Aws
from .errors import OpsError
from .releases import LiveFunction, versions
from .rollback_functions import FunctionsRollback, Step
from .stacks import DeployedStack

# Workers released this close to each other were released together.
_SAME_RELEASE = timedelta(hours=1)


def plan_functions(aws: Aws, names: Sequence[str], *, to: str | None, ignored: str) -> FunctionsRollback:
    """Plan the rollback of functions.

    names: of functions, like "sync". to: a version; None for the one that was live before the last release.

    Raises:
        OpsError: it cannot be done; the message names the value and the remedy.
    """
    compute = DeployedStack.read(aws, "Compute")
    functions = [LiveFunction.read(aws, compute, name) for name in names]
    for function in functions:
        _require_idle(aws, function)
    record.require_idle(compute)
    if to is None:
        functions = released_last(functions)
    steps = tuple(Step(live=each, target=_target(aws, each, to)) for each in functions)
    if not ignored:
        _require_quiet(aws, functions)
    return FunctionsRollback(aws=aws, compute=compute, steps=steps, ignored=ignored)


def released_last(functions: list[LiveFunction]) -> list[LiveFunction]:
    """Those that the last release changed: the other ones are where they were before it."""
    released = [(each.release.ended, each) for each in functions if each.release and each.release.ended]
    if not released:
        return functions
    last = max(ended for ended, _ in released)
    return [each for ended, each in released if last - ended <= _SAME_RELEASE]


def _require_idle(aws: Aws, function: LiveFunction) -> None:
    running = function.running
    if running is not None:
        raise OpsError(
            f"{function.name}: deployment {running.identifier} is {running.status}, from version {running.current} to "
            f"{running.target}",
            remedy="to end it now: aws deploy stop-deployment --auto-rollback-enabled --deployment-id "
            f"{running.identifier} --region {aws.config.region}; or wait for its end",
        )


def _require_quiet(aws: Aws, functions: Sequence[LiveFunction]) -> None:
    watched: list[str] = []
    for function in functions:
        group = aws.deployments.get_deployment_group(
            applicationName=deployment_application_name(aws.config),
            deploymentGroupName=deployment_group_name(aws.config, function.name),
        )["deploymentGroupInfo"]
        watched += [alarm["name"] for alarm in group.get("alarmConfiguration", {}).get("alarms", [])]
    alarms = firing(aws, watched)
    if alarms:
        raise OpsError(
            f"{', '.join(alarm.name for alarm in alarms)} in ALARM: CodeDeploy would stop the deployment at once",
            remedy="if the alarm is why you go back, say so: --ignore-alarms 'REASON'; the reason is kept in the "
            "deployment's description",
        )


def _target(aws: Aws, function: LiveFunction, to: str | None) -> str:
    published = versions(aws, function.function)
    known = ", ".join(published[:10]) or "none"
    release = function.release
    if to is None and release is None:
        raise OpsError(
            f"{function.name}: no release before version {function.version} is known to CodeDeploy",
            remedy=f"choose one yourself with --to; published versions: {known}",
        )
    target = to if to is not None else release.current if release else ""
    if target == function.version:
        raise OpsError(
            f"{function.name} --to {target}: it serves that version already",
            remedy=f"give another one; published versions: {known}",
        )
    if target not in published:
        raise OpsError(
            f"{function.name}: version {target} does not exist{' any more' if to is None else ''}",
            remedy=f"give one that does with --to: {known}; or revert the commit and deploy",
        )
    return target
