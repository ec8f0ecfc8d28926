"""Releases of an alias by CloudFormation.

With `UpdatePolicy: CodeDeployLambdaAliasUpdate` a new version in a template is a deployment: hooks run, traffic shifts,
alarms watch; if it fails, so does the update, and the stack rolls back ("UpdatePolicy attribute"). ministack moves an
alias at once. While a stack rolls back, its aliases go back at once, here as well.
"""
# ruff: noqa: SLF001 - ministack's private names; each is listed in ministack.txt

from collections.abc import Mapping
from typing import override

from ministack.services.cloudformation import _stacks, engine, provisioners

from .codedeploy_actions import AWS, ENGINE
from .codedeploy_types import REGISTRY
from .function_versions import require_version
from .releases.appspec import AFTER, BEFORE, AppSpec
from .releases.deployment import Deployment
from .releases.registry import CodeDeployError
from .resources import Request, Resource, Stock, register
from .runtime.records import alias
from .values import Json, Properties

_POLICY = "CodeDeployLambdaAliasUpdate"


def _policy(stack: str, logical_id: str) -> Properties | None:
    """The alias's CodeDeploy update policy in the template that is being deployed, references resolved."""
    definition = Properties(provisioners._cfn_wait_condition_definition(stack, logical_id))
    raw = definition.child("UpdatePolicy").values.get(_POLICY)
    if raw is None:
        return None
    record = _stacks[stack]
    resources, parameters = record.get("_resources", {}), record.get("_resolved_params", {})
    resolved = engine._resolve_refs(raw, resources, parameters, {}, {}, stack, record.get("StackId", ""))
    return Properties({_POLICY: resolved}).child(_POLICY)


def _hook_of(policy: Properties, member: str) -> str | None:
    return policy.text(member) if policy.values.get(member) else None


def _release(policy: Properties, function: str, alias: str, current: str, target: str) -> None:
    """Run a deployment to its end.

    Raises:
        CodeDeployError: it cannot begin, or it failed; the message is CloudFormation's reason.
    """
    group = REGISTRY.group(policy.text("ApplicationName"), policy.text("DeploymentGroupName"))
    hooks = {BEFORE: _hook_of(policy, "BeforeAllowTrafficHook"), AFTER: _hook_of(policy, "AfterAllowTrafficHook")}
    spec = AppSpec(
        function=function,
        alias=alias,
        current=current,
        target=target,
        hooks={event: hook for event, hook in hooks.items() if hook is not None},
    )
    deployment = Deployment(group=group, spec=spec, creator="CloudFormation")
    REGISTRY.add(deployment)
    ENGINE.run(deployment)
    if deployment.failure is not None:
        # Whatever the group's own rollback does: the stack rolls back, and so does its alias.
        AWS.shift(function, alias, current, {})
        raise CodeDeployError(
            deployment.failure.code,
            f"CodeDeploy deployment {deployment.identifier} of {function}:{alias} to version {target} "
            f"{deployment.status.lower()}: {deployment.failure.message} The alias still runs version {current}.",
        )


class ReleasedAlias(Stock):
    """`AWS::Lambda::Alias`: a new version under an update policy is a deployment."""

    name = "AWS::Lambda::Alias"
    slow = True

    @override
    def create(self, request: Request) -> Resource:
        require_version(request.properties)
        return super().create(request)

    @override
    def update(self, physical_id: str, old: Properties, request: Request) -> Resource:
        if self._same_alias(old, request.properties) and not _rolling_back(request.stack):
            policy = _policy(request.stack, request.logical_id)
            if policy is not None:
                self._release(policy, request.properties)
        return super().update(physical_id, old, request)

    @staticmethod
    def _same_alias(old: Properties, new: Properties) -> bool:
        return all(old.text(name) == new.text(name) for name in ("FunctionName", "Name"))

    @staticmethod
    def _release(policy: Properties, new: Properties) -> None:
        record, function, _, _ = provisioners._lambda_function_for_cfn_ref(new.text("FunctionName"))
        live = alias(record, new.text("Name")) if record is not None else None
        if live is not None and live.text("FunctionVersion") != new.text("FunctionVersion"):
            current, target = live.text("FunctionVersion"), new.text("FunctionVersion")
            _release(policy, function, new.text("Name"), current, target)


def _rolling_back(stack: str) -> bool:
    return "ROLLBACK" in str(_stacks[stack].get("StackStatus"))


def _install_order() -> None:
    """A resource comes after those that its update policy names: group, alarms and hooks are up to date in time."""
    dependencies = engine._extract_deps

    def with_policy(resource_def: Mapping[str, Json], all_resource_names: set[str]) -> set[str]:
        known: set[str] = dependencies(resource_def, all_resource_names)
        policy: set[str] = dependencies({"Properties": resource_def.get("UpdatePolicy", {})}, all_resource_names)
        return known | policy

    engine._extract_deps = with_policy


def install() -> None:
    """Release aliases through CodeDeploy."""
    register(ReleasedAlias())
    _install_order()
