"""What alarms on a release watch: work promised and kept, and memory, by executed version."""

import json
import os

import pytest

from flux_core.tally import TALLY, memory_used, tallied
from webhook import handler as webhook
from webhook.receiver import Receiver

from .support.lambda_events import Context, http_event
from .support.platform import Platform
from .test_rehearsal import signatures

BODY = json.dumps({"merchant_id": "M", "type": "order.updated", "event_id": "e", "data": {"id": "o"}})


@pytest.fixture(autouse=True)
def _fresh(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(TALLY, "memory", 0)


def reported(printed: str) -> dict[str, int]:
    lines = [json.loads(line) for line in printed.splitlines() if '"ExecutedVersion"' in line]
    for line in lines:
        (directive,) = line["_aws"]["CloudWatchMetrics"]
        assert (directive["Namespace"], directive["Dimensions"]) == ("Flux", [["FunctionName", "ExecutedVersion"]])
        assert (line["FunctionName"], line["ExecutedVersion"]) == ("flux-test", "7")
    return {
        metric["Name"]: line[metric["Name"]]
        for line in lines
        for metric in line["_aws"]["CloudWatchMetrics"][0]["Metrics"]
    }


def deliver(signature: str) -> int:
    event = http_event(
        "POST", "/api/v1/webhooks/square", headers={"x-square-hmacsha256-signature": signature}, body=BODY
    )
    return webhook.handler(event, Context())["statusCode"]


def test_an_accepted_event_is_promised_and_what_sqs_confirms_is_kept(
    platform: Platform, capsys: pytest.CaptureFixture[str]
) -> None:
    assert deliver(signatures().square(BODY.encode())) == 202
    told = reported(capsys.readouterr().out)
    assert len(platform.drain(os.environ["POS_SYNC_QUEUE_URL"])) == 1
    assert (told["WorkPromised"], told["WorkKept"]) == (1, 1)


def test_an_event_that_is_accepted_and_lost_is_promised_and_not_kept(
    platform: Platform, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    del platform
    monkeypatch.setattr(Receiver, "receive", lambda *_, **__: None)
    assert deliver("any") == 202
    told = reported(capsys.readouterr().out)
    assert (told["WorkPromised"], told["WorkKept"]) == (1, 0)


def test_a_refused_event_promises_nothing(platform: Platform, capsys: pytest.CaptureFixture[str]) -> None:
    del platform
    assert deliver("Zm9yZ2Vk") == 401
    assert reported(capsys.readouterr().out).keys() <= {"MemoryUsed"}


def test_memory_is_reported_when_it_has_grown_and_what_was_promised_also_when_the_work_raises(
    capsys: pytest.CaptureFixture[str],
) -> None:
    def promise_and_raise() -> None:
        with tallied(Context()) as tally:
            tally.promised += 2
            raise RuntimeError

    with pytest.raises(RuntimeError):
        promise_and_raise()
    assert reported(capsys.readouterr().out) == {"WorkPromised": 2, "WorkKept": 0, "MemoryUsed": TALLY.memory}
    TALLY.memory = 10 * memory_used()
    with pytest.raises(RuntimeError):
        promise_and_raise()
    assert reported(capsys.readouterr().out) == {"WorkPromised": 2, "WorkKept": 0}
