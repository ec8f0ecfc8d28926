"""CodeDeploy for Lambda: the service, its CloudFormation types, and releases of an alias.

ministack has no CodeDeploy and moves an alias at once. With `UpdatePolicy: CodeDeployLambdaAliasUpdate` a new version
in a template is a deployment: hooks run, traffic shifts, alarms watch; if it fails, so does the update, and the stack
rolls back ("UpdatePolicy attribute"). While a stack rolls back, its aliases go back at once.
"""
# ruff: noqa: SLF001 - ministack's private names; each is declared in EXPECTATIONS

import threading
from collections.abc import Mapping
from contextvars import copy_context
from typing import override

from ministack.core.concurrency import run_reentrant
from ministack.services import lambda_svc
from ministack.services.cloudformation import _stacks, engine, provisioners

from . import alarms
from .codedeploy_types import REGISTRY, Application, Configuration, Group
from .expectations import Expectation
from .releases.api import Api
from .releases.appspec import AFTER, BEFORE, AppSpec
from .releases.deployment import Deployment
from .releases.engine import Aws, Engine
from .releases.registry import CodeDeployError
from .resources import Request, Resource, Stock, register
from .runtime.records import alias
from .services import HttpRequest, HttpResponse, serve
from .values import InvalidValueError, Json, Properties

_CLOUDFORMATION = "ministack.services.cloudformation"
_LAMBDA = "ministack.services.lambda_svc"

EXPECTATIONS = (
    Expectation(module=_CLOUDFORMATION, symbol="_stacks"),
    Expectation(
        module=f"{_CLOUDFORMATION}.engine",
        symbol="_resolve_refs",
        parameters=("value", "resources", "params", "conditions", "mappings", "stack_name", "stack_id"),
    ),
    Expectation(
        module=f"{_CLOUDFORMATION}.engine", symbol="_extract_deps", parameters=("resource_def", "all_resource_names")
    ),
    Expectation(
        module=f"{_CLOUDFORMATION}.provisioners",
        symbol="_cfn_wait_condition_definition",
        parameters=("stack_name", "logical_id"),
    ),
    Expectation(
        module=f"{_CLOUDFORMATION}.provisioners", symbol="_lambda_function_for_cfn_ref", parameters=("function_ref",)
    ),
    Expectation(module=_LAMBDA, symbol="_update_alias", parameters=("func_name", "alias_name", "data")),
    Expectation(module=_LAMBDA, symbol="_get_func_record_for_ref", parameters=("function_ref",)),
    Expectation(module=_LAMBDA, symbol="_execution_record_for_config", parameters=("func", "config")),
    Expectation(module=_LAMBDA, symbol="_execute_function_with_config_scope", parameters=("func", "event")),
    Expectation(module="ministack.core.concurrency", symbol="run_reentrant", parameters=("fn", "args", "thread_name")),
)

_POLICY = "CodeDeployLambdaAliasUpdate"


class _Ministack(Aws):
    """Deployments act on ministack's Lambda and ask the overlay's alarms."""

    @override
    def shift(self, function: str, alias: str, version: str, weights: Mapping[str, float]) -> None:
        routing = {"AdditionalVersionWeights": dict(weights)}
        status, _, body = lambda_svc._update_alias(
            function, alias, {"FunctionVersion": version, "RoutingConfig": routing}
        )
        if status >= 400:
            raise RuntimeError(f"UpdateAlias of {function}:{alias} answered {status}: {body!r}")

    @override
    def invoke(self, function: str, event: Mapping[str, str]) -> str | None:
        record, configured, name = lambda_svc._get_func_record_for_ref(function)
        if record is None:
            return f"the function {name} does not exist"
        executable = lambda_svc._execution_record_for_config(record, configured)
        answered = lambda_svc._execute_function_with_config_scope(executable, dict(event))
        return str(answered.get("body")) if answered.get("error") else None

    @override
    def alarm_state(self, name: str) -> str | None:
        return alarms.state_of(name)


_AWS = _Ministack()
_ENGINE = Engine(REGISTRY, _AWS)


def _begin(deployment: Deployment) -> None:
    threading.Thread(
        target=copy_context().run, args=(_ENGINE.run, deployment), name=deployment.identifier, daemon=True
    ).start()


_API = Api(REGISTRY, _begin)


async def _answer(request: HttpRequest) -> HttpResponse:
    try:
        # In a thread: describing a deployment group's alarms must not hold up the event loop.
        answered = await run_reentrant(_API.answer, request.operation, request.parameters())
    except CodeDeployError as error:
        return HttpResponse.error(error.code, str(error))
    except InvalidValueError as error:
        return HttpResponse.error("InvalidParameterValueException", str(error))
    return HttpResponse.of_json(answered)


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
    _ENGINE.run(deployment)
    if deployment.failure is not None:
        # Whatever the group's own rollback does: the stack rolls back, and so does its alias.
        _AWS.shift(function, alias, current, {})
        raise CodeDeployError(
            deployment.failure.code,
            f"CodeDeploy deployment {deployment.identifier} of {function}:{alias} to version {target} "
            f"{deployment.status.lower()}: {deployment.failure.message} The alias still runs version {current}.",
        )


class ReleasedAlias(Stock):
    """`AWS::Lambda::Alias`: a new version under an update policy is a deployment."""

    slow = True

    def __init__(self) -> None:
        super().__init__("AWS::Lambda::Alias")

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
    """Add the service and its types; release aliases through it."""
    register(Application(), Configuration(), Group(), ReleasedAlias())
    serve("codedeploy", _answer, target_prefix="CodeDeploy_20141006.", host=r"codedeploy\.")
    _install_order()
