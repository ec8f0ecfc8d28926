"""Which previews the sweep finds, and what a run says of where it has deployed."""

import json
from pathlib import Path

import pytest

from ci import summary
from ci.abandoned import abandoned
from tests.ci.github_server import Server


def test_a_preview_is_abandoned_when_its_pull_request_is_closed_and_only_then() -> None:
    server = Server(pull_requests={7: "closed", 12: "open"})
    assert abandoned(server.github(), [7, 12, 99]) == ([7], [99])


def test_a_runs_page_names_the_address_and_for_a_preview_who_can_sign_in(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    outputs, page = tmp_path / "outputs.json", tmp_path / "summary.md"
    outputs.write_text(json.dumps({"Flux-pr-12-Frontend": {"SiteUrl": "https://d1.cloudfront.net"}}))
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(page))
    monkeypatch.setenv("GITHUB_SHA", "0123456789abcdef")

    assert summary.main(["pr-12", str(outputs)]) == 0
    assert capsys.readouterr().out == "url=https://d1.cloudfront.net\n"
    assert "<https://d1.cloudfront.net>" in page.read_text()
    assert "open-restaurant --env pr-12" in page.read_text()
    assert "`0123456789ab`" in page.read_text()

    outputs.write_text("{}")
    assert summary.main(["pr-12", str(outputs)]) == 1
