import asyncio
import json
import time
from collections.abc import Iterator
from dataclasses import asdict, replace
from itertools import chain, count, repeat
from typing import cast

import boto3
import pytest

from api import handler as api
from api.settings import ApiSettings
from api.tokens import AccessTokens, InvalidTokenError
from authorizer import handler as authorizer
from flux_core.batch import SqsEvent
from flux_core.rehearsal import RESTAURANT_ID
from flux_core.secrets import Secrets
from flux_infra.config import RELEASED_FUNCTIONS
from flux_infra.config.release_thresholds import GateRule
from forecast import handler as forecast
from release_gate import handler as gate
from release_gate.checks import CheckFailedError
from release_gate.deployment import Release as NewVersion
from release_gate.gate import Gate
from release_gate.requests import SCRIPTS
from release_gate.settings import GateSettings
from release_gate.signing import Signatures
from sync import handler as sync
from webhook import handler as webhook

from .support.endpoints import sagemaker
from .support.lambda_events import Context
from .support.platform import Platform
from .support.releases import Function, Release, app_spec, releasing

KINDS = {
    "flux-api-1": "api",
    "flux-webhook-1": "webhook",
    "flux-sync-1": "sync",
    "flux-forecast-1": "forecast",
    "flux-authorizer-1": "authorizer",
}


# What the sync worker is asked in one round.
SYNC_CHECKS = 7

# Every check once.
ONCE = GateRule(requests=1, refused_at=1)


def settings(rule: GateRule) -> GateSettings:
    return GateSettings(
        flux_environment="test",
        gated_functions={"flux-sync-1": "sync"},
        token_keys_secret="-",  # noqa: S106 - a name
        square_webhook_secret="-",  # noqa: S106 - a name
        origin_secret="-",  # noqa: S106 - a name
        requests=rule.requests,
        refused_at=rule.refused_at,
        pace_requests=rule.pace_requests,
        pace_factor=rule.pace_factor,
        pace_grace_ms=rule.pace_grace_ms,
        memory_grace_mib=rule.memory_grace_mib,
    )


@pytest.fixture(autouse=True)
def _gated(platform: Platform, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    del platform
    monkeypatch.setenv("GATED_FUNCTIONS", json.dumps(KINDS))
    for name, value in asdict(ONCE).items():
        monkeypatch.setenv(name.upper(), str(value))
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


def good_forecast(event: dict[str, object]) -> object:
    with sagemaker():
        return forecast.handler(cast("SqsEvent", event), Context())


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
        ("flux-forecast-1", good_forecast),
        ("flux-authorizer-1", lambda event: authorizer.handler(event, Context())),
    ],
)
def test_a_good_version_is_accepted(name: str, function: Function) -> None:
    deployed, answer = release(name, function)
    assert told(deployed) == ["Succeeded"], answer
    assert set(deployed.invoked) == {"7", "8"}  # the live version sets the pace


def test_the_older_form_of_a_revision_is_understood() -> None:
    deployed, answer = release(
        "flux-sync-1",
        good_worker,
        revisionType="String",
        string={"content": app_spec("flux-sync-1")},
    )
    assert told(deployed) == ["Succeeded"], answer


def test_a_revision_that_is_named_by_its_hash_is_asked_of_the_application() -> None:
    deployed = Release(
        function="flux-sync-1",
        revision={"revisionType": "AppSpecContent", "appSpecContent": {"sha256": "0" * 64}},
        kept={"revisionType": "AppSpecContent", "appSpecContent": {"content": app_spec("flux-sync-1")}},
    )
    with releasing(deployed, {"flux-sync-1": good_worker}):
        gate.handler({"DeploymentId": "d-1", "LifecycleEventHookExecutionId": "hook-1"}, Context())
    assert told(deployed) == ["Succeeded"]


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        ({"isAuthorized": True}, "forged header: isAuthorized is true, must be false"),
        ({"isAuthorized": False}, "CloudFront's header: isAuthorized is false, must be true"),
        ({"isAuthorized": "false"}, 'forged header: isAuthorized is "false", must be false'),
        ({"isAuthorized": 0}, "forged header: isAuthorized is 0, must be false"),
    ],
)
def test_an_authorizer_that_lets_in_all_or_none_or_answers_no_boolean_is_refused(
    answer: dict[str, object], reason: str
) -> None:
    deployed, said = release("flux-authorizer-1", lambda _: answer)
    assert told(deployed) == ["Failed"]
    assert reason in said["reason"]


def fails(event: dict[str, object]) -> object:
    raise RuntimeError(f"cannot import {min(event)}")


@pytest.mark.parametrize(
    ("name", "function", "reason"),
    [
        ("flux-api-1", fails, "cannot import"),
        ("flux-api-1", lambda _: {"statusCode": 500}, "statusCode is 500, must be 200"),
        ("flux-api-1", lambda _: {"statusCode": 200}, "body is null, must be JSON"),
        ("flux-api-1", lambda _: {"statusCode": 200, "body": "{}"}, "does not look like Health: status"),
        ("flux-api-1", lambda _: None, "statusCode is null"),
        ("flux-webhook-1", lambda _: {"statusCode": 202}, "statusCode is 202, must be 401"),
        ("flux-sync-1", lambda _: {"batchItemFailures": [{"itemIdentifier": "1"}]}, "batchItemFailures"),
        ("flux-forecast-1", lambda _: {"batchItemFailures": [{"itemIdentifier": "0"}]}, "batchItemFailures"),
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
        healthy = event["rawPath"] == "/api/v1/health"
        headers = {"Content-Type": "application/json; charset=utf-8"}
        return {"statusCode": 200 if healthy else 503, "headers": headers, "body": '{"status": "ok"}'}

    deployed, answer = release("flux-api-1", healthy_only)
    assert told(deployed) == ["Failed"]
    assert "ready: statusCode is 503" in answer["reason"]


@pytest.mark.parametrize("content", ["", "version: 0.0", '{"Resources": []}', '{"Resources": [{"F": {}}]}'])
def test_a_gate_that_cannot_read_the_deployment_stays_shut(content: str) -> None:
    deployed, _ = release("flux-api-1", fails, revisionType="AppSpecContent", appSpecContent={"content": content})
    assert told(deployed) == ["Failed"]


def judge(function: Function, seconds: Iterator[float], *, rule: GateRule = ONCE) -> None:
    """Run the gate on a sync worker whose answers take so long, one after the other."""
    moments = chain.from_iterable((0.0, each) for each in seconds)
    with releasing(Release(function="flux-sync-1", revision={}), {"flux-sync-1": function}):
        signatures = Signatures(
            Secrets(boto3.client("secretsmanager")),
            token_keys="token-keys",  # noqa: S106 - a name
            subscription="square/webhook",
            origin="origin",
        )
        Gate(
            boto3.client("lambda"),
            settings=settings(rule),
            signatures=signatures,
            clock=lambda: next(moments),
        ).judge(NewVersion(function="flux-sync-1", alias="live", version="8", live_version="7"))


def test_a_version_that_answers_too_late_is_refused() -> None:
    with pytest.raises(CheckFailedError, match=r"answered after 11\.0 s, must be within 10 s"):
        judge(good_worker, repeat(11.0))


def test_a_version_that_is_slow_only_while_it_is_cold_is_accepted() -> None:
    judge(good_worker, chain([5.0], repeat(0.1)))


def test_a_version_that_stays_slow_is_refused() -> None:
    with pytest.raises(CheckFailedError, match=r"3 answers took 5\.0 s or more, must be within 2 s"):
        judge(good_worker, repeat(5.0))


def test_a_version_five_times_as_slow_as_the_live_one_is_refused() -> None:
    checks = repeat(0.5, SYNC_CHECKS)
    with pytest.raises(CheckFailedError, match="batch of three: takes 500 ms at best, the live version 100 ms"):
        judge(good_worker, chain(checks, repeat(0.1, 5), repeat(0.5)))


def test_how_much_slower_a_version_may_be_its_rule_says() -> None:
    checks = repeat(0.2, SYNC_CHECKS)
    pace = list(chain(repeat(0.1, 5), repeat(0.2, 5)))
    judge(good_worker, chain(checks, pace))
    with pytest.raises(CheckFailedError, match="batch of three: takes 200 ms at best, the live version 100 ms"):
        judge(good_worker, chain(repeat(0.2, SYNC_CHECKS), pace), rule=replace(ONCE, pace_factor=1.5))


def test_a_live_version_that_fails_does_not_stop_the_one_that_mends_it() -> None:
    def only_new(event: dict[str, object]) -> object:
        return good_worker(event) if next(calls) != SYNC_CHECKS else {}

    calls = count()  # after the checks, the live version is asked for its pace
    judge(only_new, repeat(0.1))


def test_the_gate_signs_as_the_api_reads() -> None:
    settings = ApiSettings.load()
    secrets = Secrets(boto3.client("secretsmanager"))
    signatures = Signatures(secrets, token_keys=settings.token_keys_secret, subscription="square/webhook", origin="-")
    caller = AccessTokens(secrets, key_name=settings.token_keys_secret).read(signatures.token())
    assert (caller.restaurant_id, caller.role) == (RESTAURANT_ID, "chef")


def test_a_token_of_the_gate_is_of_no_use_a_minute_later() -> None:
    settings = ApiSettings.load()
    secrets = Secrets(boto3.client("secretsmanager"))
    signatures = Signatures(
        secrets,
        token_keys=settings.token_keys_secret,
        subscription="-",
        origin="-",
        clock=lambda: time.time() - 61,
    )
    with pytest.raises(InvalidTokenError, match="expired"):
        AccessTokens(secrets, key_name=settings.token_keys_secret).read(signatures.token())


def repeated(function: Function) -> None:
    """Run the gate on a sync worker with many rounds of its checks, refused at the third failure."""
    with releasing(Release(function="flux-sync-1", revision={}), {"flux-sync-1": function}):
        signatures = Signatures(
            Secrets(boto3.client("secretsmanager")),
            token_keys="token-keys",  # noqa: S106 - a name
            subscription="square/webhook",
            origin="origin",
        )
        Gate(
            boto3.client("lambda"),
            settings=settings(GateRule(requests=60, refused_at=3)),
            signatures=signatures,
            clock=lambda: 0.0,
        ).judge(NewVersion(function="flux-sync-1", alias="live", version="8", live_version="7"))


@pytest.mark.parametrize(("every", "refused"), [(15, True), (50, False)])
def test_a_version_that_fails_now_and_then_is_refused_at_its_third_failure(*, every: int, refused: bool) -> None:
    calls = count(1)

    def unreliable(event: dict[str, object]) -> object:
        return {} if next(calls) % every == 0 else good_worker(event)

    if refused:
        with pytest.raises(CheckFailedError, match="3 requests failed once"):
            repeated(unreliable)
    else:
        repeated(unreliable)


def test_every_function_that_is_released_has_checks() -> None:
    assert set(SCRIPTS) == set(RELEASED_FUNCTIONS)
