import asyncio
import json
from collections.abc import Iterator
from itertools import count
from typing import cast

import boto3
import pytest

from api import handler as api
from flux_core.batch import SqsEvent
from release_gate import handler as gate
from release_gate.checks import CheckFailedError
from release_gate.deployment import Release as NewVersion
from release_gate.gate import Gate
from sync import handler as sync
from webhook import handler as webhook

from .support.lambda_events import Context
from .support.platform import Platform
from .support.releases import Function, Release, app_spec, releasing

KINDS = {"flux-api-1": "api", "flux-webhook-1": "webhook", "flux-sync-1": "worker"}


@pytest.fixture(autouse=True)
def _gated(platform: Platform, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    del platform
    monkeypatch.setenv("GATED_FUNCTIONS", json.dumps(KINDS))
    for kept in (gate.build_gate, gate.build_deployments):
        kept.cache_clear()
    yield
    for kept in (gate.build_gate, gate.build_deployments):
        kept.cache_clear()


def release(name: str, function: Function, **revision: object) -> tuple[Release, dict[str, str]]:
    """Run the hook for a new version of the function."""
    deployed = Release(
        function=name,
        revision=revision or {"revisionType": "AppSpecContent", "appSpecContent": {"content": app_spec(name)}},
    )
    with releasing(deployed, {name: function}):
        answer = gate.handler({"DeploymentId": "d-1", "LifecycleEventHookExecutionId": "hook-1"}, Context())
    return deployed, answer


def told(deployed: Release) -> list[str]:
    assert {(status["deploymentId"], status["lifecycleEventHookExecutionId"]) for status in deployed.statuses} == {
        ("d-1", "hook-1")
    }
    return [status["status"] for status in deployed.statuses]


def good_worker(event: dict[str, object]) -> object:
    return sync.handler(cast("SqsEvent", event), Context())


def good_api(event: dict[str, object]) -> object:
    # Lambda calls a function in the thread that loaded it; this server has a thread for each request.
    asyncio.set_event_loop(asyncio.new_event_loop())
    try:
        return api.handler(event, Context())
    finally:
        asyncio.get_event_loop().close()


@pytest.mark.parametrize(
    ("name", "function"),
    [
        ("flux-api-1", good_api),
        ("flux-webhook-1", lambda event: webhook.handler(event, Context())),
        ("flux-sync-1", good_worker),
    ],
)
def test_a_good_version_is_accepted(name: str, function: Function) -> None:
    deployed, answer = release(name, function)
    assert told(deployed) == ["Succeeded"], answer
    assert set(deployed.invoked) == {"8"}


def test_the_older_form_of_a_revision_is_understood() -> None:
    deployed, answer = release(
        "flux-sync-1",
        good_worker,
        revisionType="String",
        string={"content": app_spec("flux-sync-1")},
    )
    assert told(deployed) == ["Succeeded"], answer


def fails(event: dict[str, object]) -> object:
    raise RuntimeError(f"cannot import {min(event)}")


@pytest.mark.parametrize(
    ("name", "function", "reason"),
    [
        ("flux-api-1", fails, "cannot import"),
        ("flux-api-1", lambda _: {"statusCode": 500}, "statusCode is 500, must be 200"),
        ("flux-api-1", lambda _: None, "statusCode is null"),
        ("flux-webhook-1", lambda _: {"statusCode": 202}, "statusCode is 202, must be 401"),
        ("flux-sync-1", lambda _: {"batchItemFailures": [{"itemIdentifier": "1"}]}, "batchItemFailures"),
        ("flux-sync-1", lambda _: {}, "batchItemFailures is null"),
        ("flux-stranger-1", lambda _: {}, "GATED_FUNCTIONS does not name it"),
    ],
)
def test_a_bad_version_is_refused_with_its_reason(name: str, function: Function, reason: str) -> None:
    deployed, answer = release(name, function)
    assert told(deployed) == ["Failed"]
    assert reason in answer["reason"]


def test_an_api_that_is_healthy_but_not_ready_is_refused() -> None:
    def healthy_only(event: dict[str, object]) -> object:
        return {"statusCode": 200 if event["rawPath"] == "/api/v1/health" else 503}

    deployed, answer = release("flux-api-1", healthy_only)
    assert told(deployed) == ["Failed"]
    assert "ready: statusCode is 503" in answer["reason"]


@pytest.mark.parametrize("content", ["", "version: 0.0", '{"Resources": []}', '{"Resources": [{"F": {}}]}'])
def test_a_gate_that_cannot_read_the_deployment_stays_shut(content: str) -> None:
    deployed, _ = release("flux-api-1", fails, revisionType="AppSpecContent", appSpecContent={"content": content})
    assert told(deployed) == ["Failed"]


def test_a_version_that_answers_too_late_is_refused() -> None:
    clock = count(0, 11)  # each look at it is eleven seconds later
    deployed = Release(function="flux-sync-1", revision={})
    with releasing(deployed, {"flux-sync-1": lambda _: {"batchItemFailures": []}}):
        judge = Gate(boto3.client("lambda"), functions={"flux-sync-1": "worker"}, clock=lambda: float(next(clock)))
        with pytest.raises(CheckFailedError, match=r"answered after 11\.0 s, must be within 10 s"):
            judge.judge(NewVersion(function="flux-sync-1", version="8"))
