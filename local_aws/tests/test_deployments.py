import json
from collections.abc import Callable, Mapping
from typing import override

import pytest

from local_aws.releases.api import Api
from local_aws.releases.appspec import AFTER, BEFORE, AppSpec, AppSpecError
from local_aws.releases.deployment import Deployment, Group
from local_aws.releases.engine import Aws, Engine
from local_aws.releases.registry import CodeDeployError, Registry
from local_aws.releases.shifting import BUILT_IN, Step, TrafficShift
from local_aws.values import InvalidValueError, Json, Properties

CANARY = "CodeDeployDefault.LambdaCanary10Percent5Minutes"
ALL_EVENTS = frozenset({"DEPLOYMENT_FAILURE", "DEPLOYMENT_STOP_ON_ALARM"})
MINUTE = 0.05  # seconds


class Account(Aws):
    """An alias, an alarm and a hook, as a deployment sees them."""

    def __init__(self) -> None:
        self.shifts: list[tuple[str, dict[str, float]]] = []
        self.alarm = "OK"
        self.hook: Callable[[Mapping[str, str]], str | None] = lambda _: None
        self.on_shift: Callable[[], None] = lambda: None

    @override
    def shift(self, function: str, alias: str, version: str, weights: Mapping[str, float]) -> None:
        self.shifts.append((version, dict(weights)))
        self.on_shift()

    @override
    def invoke(self, function: str, event: Mapping[str, str]) -> str | None:
        return self.hook(event)

    @override
    def alarm_state(self, name: str) -> str | None:
        return None if name == "missing" else self.alarm


def group(shift: str = CANARY, *, alarms: tuple[str, ...] = ("errors",)) -> Group:
    return Group(application="shop", name="api", shift=BUILT_IN[shift], role="r", alarms=alarms, rollback_on=ALL_EVENTS)


def spec(**hooks: str) -> AppSpec:
    return AppSpec(function="api", alias="live", current="1", target="2", hooks=hooks)


def run(account: Account, deployment: Deployment) -> Registry:
    registry = Registry()
    registry.add(deployment)
    api = Api(registry, lambda _: None)
    answer = account.hook

    def hook(event: Mapping[str, str]) -> str | None:
        error = answer(event)
        if error is None:
            asked: dict[str, Json] = {
                "deploymentId": event["DeploymentId"],
                "lifecycleEventHookExecutionId": event["LifecycleEventHookExecutionId"],
                "status": "Succeeded",
            }
            api.answer("PutLifecycleEventHookExecutionStatus", Properties(asked))
        return error

    account.hook = hook
    Engine(registry, account, minute=MINUTE).run(deployment)
    return registry


def test_a_canary_gets_a_tenth_and_then_everything() -> None:
    account, deployment = Account(), Deployment(group=group(), spec=spec(), creator="user")
    run(account, deployment)
    assert deployment.status == "Succeeded"
    assert account.shifts == [("1", {"2": 0.1}), ("2", {})]


def test_a_linear_shift_takes_equal_steps() -> None:
    steps = BUILT_IN["CodeDeployDefault.LambdaLinear10PercentEvery1Minute"].steps
    assert steps == [Step(share=tenth / 10, minutes=1) for tenth in range(1, 10)]


def test_all_at_once_has_no_steps() -> None:
    account = Account()
    once = group("CodeDeployDefault.LambdaAllAtOnce")
    run(account, Deployment(group=once, spec=spec(), creator="user"))
    assert account.shifts == [("2", {})]


def test_a_configuration_of_ones_own_is_read_from_the_template() -> None:
    routing: dict[str, Json] = {
        "Type": "TimeBasedCanary",
        "TimeBasedCanary": {"CanaryPercentage": "25", "CanaryInterval": 2},
    }
    assert TrafficShift.of("own", Properties(routing)).steps == [Step(share=0.25, minutes=2)]
    with pytest.raises(InvalidValueError, match="percentage must be 1 to 99"):
        TrafficShift(name="own", kind="TimeBasedLinear", percentage=100, minutes=1)


def test_hooks_run_before_and_after_the_traffic() -> None:
    account = Account()
    deployment = Deployment(group=group(), spec=spec(**{BEFORE: "gate", AFTER: "gate"}), creator="user")
    seen: list[int] = []
    account.hook = lambda _: seen.append(len(account.shifts))
    run(account, deployment)
    assert seen == [0, 2]


def test_a_failing_hook_keeps_traffic_where_it_is() -> None:
    account = Account()
    account.hook = lambda _: "AssertionError: not ready"
    deployment = Deployment(group=group(), spec=spec(**{BEFORE: "gate"}), creator="user")
    run(account, deployment)
    assert deployment.status == "Failed"
    assert deployment.failure is not None
    assert deployment.failure.code == "HOOK_EXECUTION_FAILURE"
    assert "not ready" in deployment.failure.message
    assert account.shifts == [("1", {})]  # the rollback


def test_an_alarm_during_the_canary_takes_traffic_back() -> None:
    account = Account()
    account.on_shift = lambda: setattr(account, "alarm", "ALARM")
    deployment = Deployment(group=group(), spec=spec(), creator="CloudFormation")
    registry = run(account, deployment)
    assert (deployment.status, deployment.failure and deployment.failure.code) == ("Stopped", "ALARM_ACTIVE")
    assert account.shifts == [("1", {"2": 0.1}), ("1", {})]
    rollback = registry.deployment(deployment.rollback["rollbackDeploymentId"])
    assert (rollback.creator, rollback.status, rollback.spec.target) == ("codeDeployRollback", "Succeeded", "1")


def test_an_alarm_that_is_active_already_stops_a_deployment_before_it_begins() -> None:
    account = Account()
    account.alarm = "ALARM"
    deployment = Deployment(group=group(), spec=spec(), creator="user")
    run(account, deployment)
    assert deployment.status == "Stopped"
    assert account.shifts == [("1", {})]


def test_a_group_without_alarms_ignores_them() -> None:
    account = Account()
    account.alarm = "ALARM"
    deployment = Deployment(group=group(alarms=()), spec=spec(), creator="user")
    run(account, deployment)
    assert deployment.status == "Succeeded"


def test_an_alarm_that_does_not_exist_fails_the_deployment() -> None:
    deployment = Deployment(group=group(alarms=("missing",)), spec=spec(), creator="user")
    run(Account(), deployment)
    assert deployment.failure is not None
    assert deployment.failure.message == "Alarms not found: missing"


def test_an_appspec_survives_the_journey_through_the_api() -> None:
    original = spec(**{BEFORE: "gate"})
    assert AppSpec.parse(original.content) == original


@pytest.mark.parametrize("content", ["version: 0.0", "[]", '{"Resources": []}', '{"Resources": [{"f": {}}]}'])
def test_an_unusable_appspec_is_refused(content: str) -> None:
    with pytest.raises(AppSpecError):
        AppSpec.parse(content)


def registry_with_group() -> Registry:
    registry = Registry()
    registry.applications.add("shop")
    registry.groups["shop", "api"] = group()
    return registry


def test_the_api_creates_finds_and_describes_deployments() -> None:
    begun: list[Deployment] = []
    api = Api(registry_with_group(), begun.append)
    names: dict[str, Json] = {"applicationName": "shop", "deploymentGroupName": "api"}
    content: Json = {"revisionType": "AppSpecContent", "appSpecContent": {"content": spec().content}}
    identifier = api.answer("CreateDeployment", Properties({**names, "revision": content}))["deploymentId"]
    assert [deployment.identifier for deployment in begun] == [identifier]
    assert api.answer("ListDeployments", Properties(names)) == {"deployments": [identifier]}
    assert api.answer("ListDeployments", Properties({"includeOnlyStatuses": ["Failed"]})) == {"deployments": []}
    info = api.answer("GetDeployment", Properties({"deploymentId": identifier}))["deploymentInfo"]
    assert isinstance(info, dict)
    by_hash: Json = info["revision"]
    kept = api.answer("GetApplicationRevision", Properties({"applicationName": "shop", "revision": by_hash}))
    assert "content" not in Properties(info).child("revision").child("appSpecContent")
    revision = Properties(kept).child("revision").child("appSpecContent").text("content")
    assert json.loads(revision)["Resources"][0]["api"]["Properties"]["TargetVersion"] == "2"


def test_a_group_has_one_deployment_at_a_time() -> None:
    registry = registry_with_group()
    registry.add(Deployment(group=group(), spec=spec(), creator="user"))
    with pytest.raises(CodeDeployError, match="already has an active Deployment") as refused:
        registry.add(Deployment(group=group(), spec=spec(), creator="user"))
    assert refused.value.code == "DeploymentLimitExceededException"


def test_a_group_is_told_to_move_traffic_in_another_way_and_keeps_everything_else() -> None:
    registry = registry_with_group()
    asked: dict[str, Json] = {
        "applicationName": "shop",
        "currentDeploymentGroupName": "api",
        "deploymentConfigName": "CodeDeployDefault.LambdaAllAtOnce",
    }
    Api(registry, lambda _: None).answer("UpdateDeploymentGroup", Properties(asked))
    assert registry.group("shop", "api") == group("CodeDeployDefault.LambdaAllAtOnce")


def test_a_deployment_may_come_with_its_own_configuration_and_without_alarms() -> None:
    begun: list[Deployment] = []
    api = Api(registry_with_group(), begun.append)
    asked: dict[str, Json] = {
        "applicationName": "shop",
        "deploymentGroupName": "api",
        "deploymentConfigName": "CodeDeployDefault.LambdaAllAtOnce",
        "overrideAlarmConfiguration": {"enabled": False, "alarms": []},
        "revision": {"revisionType": "AppSpecContent", "appSpecContent": {"content": spec().content}},
    }
    api.answer("CreateDeployment", Properties(asked))
    assert (begun[0].group.shift.steps, begun[0].group.alarms) == ([], ())
    with pytest.raises(CodeDeployError, match="already has an active Deployment"):
        api.answer("CreateDeployment", Properties(asked))


@pytest.mark.parametrize(
    ("operation", "asked", "code"),
    [
        ("GetDeployment", {"deploymentId": "d-NONE"}, "DeploymentDoesNotExistException"),
        (
            "GetDeploymentGroup",
            {"applicationName": "other", "deploymentGroupName": "x"},
            "ApplicationDoesNotExistException",
        ),
        (
            "GetDeploymentGroup",
            {"applicationName": "shop", "deploymentGroupName": "other"},
            "DeploymentGroupDoesNotExistException",
        ),
        ("RegisterOnPremisesInstance", {}, "UnknownOperationException"),
    ],
)
def test_the_api_refuses_what_does_not_exist(operation: str, asked: dict[str, Json], code: str) -> None:
    with pytest.raises(CodeDeployError) as refused:
        Api(registry_with_group(), lambda _: None).answer(operation, Properties(asked))
    assert refused.value.code == code


def test_a_hook_may_answer_only_once_and_only_for_itself() -> None:
    registry = registry_with_group()
    deployment = Deployment(group=group(), spec=spec(), creator="user", hooks={"execution": "Pending"})
    registry.add(deployment)
    api = Api(registry, lambda _: None)

    def put(execution: str) -> None:
        asked: dict[str, Json] = {"deploymentId": deployment.identifier, "status": "Failed"}
        api.answer(
            "PutLifecycleEventHookExecutionStatus",
            Properties({**asked, "lifecycleEventHookExecutionId": execution}),
        )

    put("execution")
    assert deployment.hooks == {"execution": "Failed"}
    for execution in ("execution", "forged"):
        with pytest.raises(CodeDeployError):
            put(execution)
