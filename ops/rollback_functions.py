"""Functions go back to an earlier version through CodeDeploy, all at once, tried by the release gate first."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from flux_infra.constructs.names import ALIAS, deployment_application_name, deployment_group_name

from . import record
from .alarms import firing
from .aws import Aws
from .errors import OpsError
from .origins import Origins
from .plan import Change, Rollback
from .reads import PROBES
from .releases import ROLLBACK, Deployment, LiveFunction, appspec, get_deployment, published, versions
from .stacks import DeployedStack

if TYPE_CHECKING:
    from mypy_boto3_codedeploy.type_defs import CreateDeploymentInputTypeDef

# The gate answers within minutes; CodeDeploy waits an hour for it.
_PATIENCE_SECONDS = 20 * 60

# Workers released this close to each other were released together.
_SAME_RELEASE = timedelta(hours=1)

# CodeDeploy does not say how long a description may be; an operator's ARN and a sentence fit well within this.
_DESCRIPTION_CHARACTERS = 1000


@dataclass(frozen=True, kw_only=True)
class Step:
    """One function and where it goes."""

    live: LiveFunction
    target: str


@dataclass(frozen=True, kw_only=True)
class FunctionsRollback:
    """One or more functions going back; `ignored` is why alarms do not stop it, or ""."""

    aws: Aws
    compute: DeployedStack
    steps: tuple[Step, ...]
    ignored: str

    def act(self) -> Sequence[str]:
        """Move each alias, read through it, and tell CloudFormation."""
        done: list[str] = []
        for step in self.steps:
            deployment = self._await(step, self._start(step))
            verified = self._verify(step)
            done.append(f"{step.live.name}: {deployment.identifier} {deployment.status}; {verified}")
        self._record_rollback()
        return [*done, f"{self.compute.name}: its template now names the version(s) that are live"]

    def _start(self, step: Step) -> str:
        content, digest = appspec(
            function=step.live.function,
            current=step.live.version,
            target=step.target,
            gate=self.compute.output("ReleaseGateFunctionName"),
        )
        description = f"{ROLLBACK} {step.live.version} -> {step.target} by {self.aws.operator}"
        if self.ignored:
            description += f"; alarms ignored: {self.ignored}"
        request: CreateDeploymentInputTypeDef = {
            "applicationName": deployment_application_name(self.aws.config),
            "deploymentGroupName": deployment_group_name(self.aws.config, step.live.name),
            # The version to go back to has had all the traffic before: nothing is learnt from giving it a tenth.
            "deploymentConfigName": "CodeDeployDefault.LambdaAllAtOnce",
            "revision": {"revisionType": "AppSpecContent", "appSpecContent": {"content": content, "sha256": digest}},
            "description": description[:_DESCRIPTION_CHARACTERS],
        }
        if self.ignored:
            # Needs codedeploy:UpdateDeploymentGroup as well (CodeDeploy API Reference, CreateDeployment).
            request["overrideAlarmConfiguration"] = {"enabled": False, "alarms": []}
        return self.aws.deployments.create_deployment(**request)["deploymentId"]

    def _await(self, step: Step, identifier: str) -> Deployment:
        deployment = self.aws.poll(
            lambda: get_deployment(self.aws, identifier), until=lambda seen: not seen.running, seconds=_PATIENCE_SECONDS
        )
        if deployment.status != "Succeeded":
            raise OpsError(
                f"{step.live.name}: deployment {identifier} is {deployment.status}: {deployment.reason}",
                remedy=f"{step.live.name} still serves version {step.live.version}; read the release gate's log "
                f"/flux/{self.aws.config.name}/release-gate, or give another version with --to",
            )
        return deployment

    def _verify(self, step: Step) -> str:
        alias = self.aws.functions.get_alias(FunctionName=step.live.function, Name=ALIAS)
        if alias["FunctionVersion"] != step.target or alias.get("RoutingConfig", {}).get("AdditionalVersionWeights"):
            raise OpsError(
                f"{step.live.name}: {ALIAS} names version {alias['FunctionVersion']}, not {step.target}",
                remedy="somebody else is deploying; run ./flux status, and agree who goes first",
            )
        probe = PROBES[step.live.name]
        answer = self.aws.functions.invoke(
            FunctionName=step.live.function, Qualifier=ALIAS, Payload=json.dumps(probe.event)
        )
        body, executed = answer["Payload"].read(), answer.get("ExecutedVersion", "")
        if not probe.accepts(body) or executed != step.target:
            raise OpsError(
                f"{step.live.name}: {probe.name} through {ALIAS} answered {body[:300]!r} from version {executed}",
                remedy=f"version {step.target} is live and does not serve; give another one with --to",
            )
        return f"{ALIAS} is version {step.target}, {probe.name} answered by it"

    def _record_rollback(self) -> None:
        def edit(resources: record.Section) -> list[str]:
            return [self._edit_alias(resources, step) for step in self.steps]

        signature = record.signature(self.aws)
        marks = {
            step.live.name.capitalize(): f"{step.live.name} {step.live.version} -> {step.target} {signature}. "
            "Deploying the same code again ends this."
            for step in self.steps
        }
        record.record_rollback(self.aws, self.compute, marks=marks, edit=edit)

    def _edit_alias(self, resources: record.Section, step: Step) -> str:
        """Write the version that is live into the template, for CloudFormation to find the alias as it is.

        Without its update policy, or CloudFormation would start a deployment from that version to itself. The next
        deployment has the policy again, and is released from the live version like any other.
        """
        aliases = self.compute.of_type("AWS::Lambda::Alias")
        (logical_id,) = (name for name, arn in aliases.items() if arn.endswith(f":{step.live.function}:{ALIAS}"))
        record.properties_of(resources, logical_id)["FunctionVersion"] = step.target
        resources[logical_id].pop("UpdatePolicy", None)
        return logical_id


def plan_functions(aws: Aws, names: Sequence[str], *, to: str | None, ignored: str) -> Rollback:
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
    stage = f"Flux-{aws.config.name}"
    return Rollback(
        changes=_changes(aws, compute, steps),
        next_step=f"'cdk diff {stage}/Compute' now shows the alias: deploying the same code again would release the "
        f"same version again. Revert the commit that brought it, then deploy: cdk deploy '{stage}/*'",
        act=FunctionsRollback(aws=aws, compute=compute, steps=steps, ignored=ignored).act,
    )


def _changes(aws: Aws, compute: DeployedStack, steps: Sequence[Step]) -> Sequence[Change]:
    made = [(step.live.made, published(aws, step.live.function, step.target)) for step in steps]
    origins = Origins.read(aws, [compute], since=min(moment for pair in made for moment in pair if moment))
    return [
        Change(
            what=f"{step.live.name} ({step.live.function})",
            current=step.live.version,
            target=step.target,
            current_origin=origins.of(compute.name, current),
            target_origin=origins.of(compute.name, target),
        )
        for step, (current, target) in zip(steps, made, strict=True)
    ]


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
