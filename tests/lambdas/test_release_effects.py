"""The release gate believes what a version does, not what it answers."""

import json
from collections.abc import Callable, Iterator
from typing import cast

import boto3
import pytest

from api.application import build_application
from api.services import build_services
from api.settings import ApiSettings
from flux_core.batch import SqsEvent
from flux_core.secrets import Secrets
from flux_infra.config.release_thresholds import GateRule
from release_gate.api_script import ROUTES, UNKNOWN_MEMBER, api_script
from release_gate.checks import CheckFailedError, WrongEffectError
from release_gate.deployment import Release as NewVersion
from release_gate.gate import Gate
from release_gate.likeness import difference
from release_gate.settings import GateSettings
from release_gate.signing import Signatures
from sync import handler as sync
from webhook import handler as webhook

from .support.lambda_events import Context
from .support.platform import TOKEN_KEY
from .support.releases import Function, Release, releasing

type Answer = dict[str, object]

pytestmark = pytest.mark.usefixtures("platform")


def signatures() -> Signatures:
    return Signatures(
        Secrets(boto3.client("secretsmanager")),
        token_keys="token-keys",  # noqa: S106 - a name
        subscription="square/webhook",
        origin="origin",
    )


def judge(
    name: str,
    function: Function,
    *,
    version: str = "8",
    deployed: Release | None = None,
    rule: GateRule = GateRule(requests=3),  # noqa: B008 - a value
) -> None:
    settings = GateSettings(
        flux_environment="test",
        gated_functions={"flux-1": name},
        token_keys_secret="token-keys",  # noqa: S106 - a name
        square_webhook_secret="square/webhook",  # noqa: S106 - a name
        origin_secret="origin",  # noqa: S106 - a name
        requests=rule.requests,
        refused_at=rule.refused_at,
        pace_requests=1,
        pace_factor=1000,
        pace_grace_ms=rule.pace_grace_ms,
        memory_grace_mib=rule.memory_grace_mib,
    )
    with releasing(deployed or logging(lambda _: ""), {"flux-1": function}):
        Gate(boto3.client("lambda"), settings=settings, signatures=signatures()).judge(
            NewVersion(function="flux-1", alias="live", version=version, live_version="7")
        )


def logging(log: Callable[[int], str], *, live: str = "7") -> Release:
    return Release(function="flux-1", revision={}, log=log, live=live)


def good_webhook(event: Answer) -> Answer:
    return cast("Answer", webhook.handler(event, Context()))


def good_sync(event: Answer) -> Answer:
    return cast("Answer", sync.handler(cast("SqsEvent", event), Context()))


def without_report(function: Callable[[Answer], Answer]) -> Function:
    return lambda event: {name: value for name, value in function(event).items() if name != "rehearsal"}


def losing(function: Callable[[Answer], Answer], *, every: int) -> Function:
    """Every so many messages less than it says."""
    seen = iter(range(1, 10_000))

    def lossy(event: Answer) -> Answer:
        answer = function(event)
        match answer.get("rehearsal"):
            case {"messages": [_, *_] as messages} if next(seen) % every == 0:
                messages.clear()
        return answer

    return lossy


def altered(function: Callable[[Answer], Answer], before: str, after: str) -> Function:
    def other(event: Answer) -> object:
        return json.loads(json.dumps(function(event)).replace(before, after))

    return other


@pytest.mark.parametrize(
    ("name", "function", "reason"),
    [
        ("webhook", losing(good_webhook, every=1), "signed event: accepted one event; 0 on the queue"),
        ("webhook", losing(good_webhook, every=10), "signed event: accepted one event; 0 on the queue"),
        ("webhook", without_report(good_webhook), "does not tell what it has done"),
        ("webhook", altered(good_webhook, "order.updated", "order.created"), "or another one"),
        ("webhook", altered(good_webhook, "problem+json", "json"), "content-type is application/json"),
        ("sync", without_report(good_sync), "batch of three: does not tell what it has done"),
        ("sync", altered(good_sync, '"JPY"', '"USD"'), 'currency is "USD", must be "JPY"'),
        ("sync", altered(good_sync, "2020-01-08T12:00:00", "2020-01-08T04:00:00"), "sold_at is"),
        ("sync", altered(good_sync, '"rehearsal-a"', '"rehearsal-z"'), 'must be "rehearsal-a"'),
        ("sync", altered(good_sync, "-0000-4000-8000-000000000011", "-0000-4000-8000-000000000001"), "0011"),
        ("sync", altered(good_sync, '"synced_at": "20', '"synced_at": "19'), "it counts as synchronized until"),
    ],
)
def test_a_version_whose_statuses_are_good_and_whose_effects_are_not_is_refused(
    name: str, function: Function, reason: str
) -> None:
    with pytest.raises(WrongEffectError, match=reason.replace("+", r"\+")):
        judge(name, function)


@pytest.mark.parametrize("function", [without_report(good_webhook), good_webhook])
def test_a_way_back_is_not_stopped_by_questions_that_older_versions_do_not_know(function: Function) -> None:
    judge("webhook", function, version="6")


def test_a_version_whose_memory_grows_with_every_request_is_refused() -> None:
    with pytest.raises(WrongEffectError, match=r"memory grows: \d+ MB when everything had been asked once, \d+ MB"):
        judge("webhook", good_webhook, deployed=logging(growing(7)), rule=GateRule(requests=40))


def test_a_version_whose_memory_settles_is_accepted() -> None:
    judge(
        "webhook", good_webhook, deployed=logging(lambda asked: used(60 + min(asked, 10))), rule=GateRule(requests=40)
    )


def test_a_version_that_has_traffic_is_not_refused_for_memory_that_others_used() -> None:
    judge("webhook", good_webhook, deployed=logging(growing(7), live="8"), rule=GateRule(requests=40))


def growing(megabytes: int) -> Callable[[int], str]:
    return lambda asked: used(60 + megabytes * asked)


def used(megabytes: int) -> str:
    """What flux_core.tally prints of an instance that has grown."""
    return json.dumps({"FunctionName": "flux-prod-webhook", "MemoryUsed": megabytes})


@pytest.mark.parametrize(
    "line",
    [
        f"key {TOKEN_KEY['key']}",
        json.dumps({"level": "INFO", "secret": '{"signature_key": "k-1", "notification_url": "u"}'}),
        '{"headers": {"authorization": "Bearer abc"}}',
    ],
)
def test_a_version_that_writes_a_secret_into_its_log_is_refused(line: str) -> None:
    with pytest.raises(WrongEffectError, match="a secret is in the log"):
        judge("webhook", good_webhook, deployed=logging(lambda _: line))


def test_what_a_good_version_logs_of_secrets_names_is_no_secret() -> None:
    line = '{"reason": "secret token-keys cannot be read: no password"}'
    judge("webhook", good_webhook, deployed=logging(lambda _: line))


def test_every_route_of_the_api_is_asked() -> None:
    application = build_application(build_services(ApiSettings.load()))
    routes = {(method.upper(), path) for path, methods in application.openapi()["paths"].items() for method in methods}
    assert routes == ROUTES
    assert {
        (http["method"], http["path"].replace(UNKNOWN_MEMBER, "{member_id}"))
        for check in api_script(signatures())
        for http in [cast("dict[str, dict[str, str]]", check.payload["requestContext"])["http"]]
    } >= ROUTES


@pytest.mark.parametrize(
    ("expected", "found", "fault"),
    [
        ({"a": 1}, {"a": 1.0, "b": 2}, None),
        ({"a": 1}, {"b": 1}, "body.a is missing"),
        ([1], [1, 2], "body has 2 items, must have 1"),
        ([1, 2], [1], "body has 1 items, must have 2"),
        ("2020-01-01T12:00:00+00:00", "2020-01-01T13:00:00+01:00", None),
        ("2020-01-01T12:00:00+00:00", "2020-01-01T12:00:00", None),
        ("2020-01-01T12:00:00+00:00", "2020-01-01T12:00:00-08:00", "body is"),
        (True, 1, "body is 1, must be true"),
        (None, "", 'body is "", must be null'),
        ("1", 1, 'body is 1, must be "1"'),
    ],
)
def test_an_answer_may_say_more_and_nothing_else(expected: object, found: object, fault: str | None) -> None:
    said = difference(expected, found)  # type: ignore[arg-type]  # JSON, as the table says
    assert (said is None) if fault is None else (said is not None and said.startswith(fault))


def test_a_check_that_fails_twice_is_no_wrong_effect() -> None:
    with pytest.raises(CheckFailedError) as refused:
        judge("webhook", lambda _: {"statusCode": 500})
    assert not isinstance(refused.value, WrongEffectError)


@pytest.fixture(autouse=True)
def _fresh_receiver() -> Iterator[None]:
    webhook._receiver.cache_clear()  # noqa: SLF001 - what an instance keeps, made anew for each test
    yield
    webhook._receiver.cache_clear()  # noqa: SLF001
