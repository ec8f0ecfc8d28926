"""Functions go back to an earlier version through CodeDeploy, all at once, tried by the release gate first."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from flux_infra.constructs.names import ALIAS, deployment_application_name, deployment_group_name

from . import record
from .aws import Aws
from .errors import OpsError
from .plan import Change
from .reads import PROBES
from .releases import ROLLBACK, Deployment, LiveFunction, appspec, get_deployment
from .stacks import DeployedStack

if TYPE_CHECKING:
    from mypy_boto3_codedeploy.type_defs import CreateDeploymentInputTypeDef

# The gate answers within minutes; CodeDeploy waits an hour for it.
_PATIENCE_SECONDS = 20 * 60

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

    @property
    def changes(self) -> Sequence[Change]:
        """What will change."""
        return [
            Change(what=f"{step.live.name} ({step.live.function})", current=step.live.version, target=step.target)
            for step in self.steps
        ]

    @property
    def next_step(self) -> str:
        """What to do afterwards, so that code and state agree."""
        stage = f"Flux-{self.aws.config.name}"
        return (
            f"'cdk diff {stage}/Compute' now shows the alias: deploying the same code again would release the same "
            f"version again. Revert the commit that brought it, then deploy: cdk deploy '{stage}/*'"
        )

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
            lambda: get_deployment(self.aws, identifier),
            until=lambda seen: not seen.running,
            seconds=_PATIENCE_SECONDS,
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
