import io
import json
import subprocess
from datetime import UTC, datetime
from pathlib import Path

import pytest

from flux_infra.environments import environments
from ops.__main__ import main
from ops.alarms import FiringAlarm
from ops.console import Console
from ops.reads import PROBES
from ops.report import as_json, as_text
from ops.status import Layer, Status

ROOT = Path(__file__).resolve().parents[2]
NOON = datetime(2026, 11, 1, 12, tzinfo=UTC)

STATUS = Status(
    environment="prod",
    site="https://app.flux.example",
    health="healthy",
    layers=(
        Layer(name="api", live="version 7", since=NOON, commit="0123456789ab"),
        Layer(name="database", live="revision 0005"),
    ),
    deployments={"api": ()},
    alarms=(FiringAlarm(name="flux-prod-api-errors", since=NOON, reason="5 > 1"),),
    stacks={"Flux-prod-Data": "UPDATE_COMPLETE", "Flux-prod-Ml": "UPDATE_ROLLBACK_FAILED"},
    marks={"Api": "api 8 -> 7"},
    outputs={"Frontend.SiteBucketName": "bucket-of-the-site"},
)


def test_the_command_at_the_root_teaches_what_it_can_do() -> None:
    shown = subprocess.run([ROOT / "flux", "rollback", "--help"], capture_output=True, text=True, check=True)
    assert "./flux rollback api --env prod" in shown.stdout
    assert "what they go back to when --to is not given" in shown.stdout


def test_an_unknown_environment_is_answered_with_those_that_exist(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["status", "--env", "production"]) == 1
    assert ", ".join(config.name for config in environments()) in capsys.readouterr().err


def test_missing_credentials_are_answered_with_how_to_log_in(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    for name in ("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"):
        monkeypatch.setenv(name, "/dev/null")
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    assert main(["rollback", "api", "--env", "prod"]) == 1
    assert "aws sso login" in capsys.readouterr().err


def test_without_a_terminal_nothing_is_confirmed(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("prod\n"))
    assert not Console().confirm("prod", "go back")
    assert "Give --yes" in capsys.readouterr().out


def test_an_answer_other_than_the_environments_name_is_repeated(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    typed = io.StringIO("y\n")
    typed.isatty = lambda: True  # type: ignore[method-assign]
    monkeypatch.setattr("sys.stdin", typed)
    assert not Console().confirm("prod", "go back")
    assert "Nothing was changed: you typed 'y', not 'prod'." in capsys.readouterr().out


def test_with_json_standard_output_holds_the_document_alone(capsys: pytest.CaptureFixture[str]) -> None:
    console = Console(json=True)
    console.echo("for a person")
    console.result(release="r1", before=None)
    shown = capsys.readouterr()
    assert json.loads(shown.out) == {"release": "r1", "before": None}
    assert shown.err == "for a person\n"


@pytest.mark.parametrize(
    "verb", ["doctor", "status", "rollback", "site publish", "site rollback", "open-restaurant", "restore-drill"]
)
def test_every_verb_takes_the_same_flags_and_teaches_by_example(verb: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main([*verb.split(), "--help"])
    shown = capsys.readouterr().out
    assert all(flag in shown for flag in ("--env NAME", "--yes", "--json"))
    assert f"./flux {verb}" in shown


def test_the_page_shows_what_is_out_of_the_ordinary_and_nothing_that_is_not() -> None:
    page = as_text(STATUS)
    assert "version 7" in page
    assert "2026-11-01 12:00" in page
    assert "Flux-prod-Ml" in page
    assert "Flux-prod-Data" not in page
    assert "api 8 -> 7" in page
    assert "DEPLOYMENTS" not in page
    assert "https://app.flux.example" in page
    assert "0123456789ab" in page


def test_the_outputs_of_stacks_are_shown_on_request_only() -> None:
    assert "bucket-of-the-site" not in as_text(STATUS)
    assert "bucket-of-the-site" in as_text(STATUS, outputs=True)


def test_a_program_gets_the_same_as_json() -> None:
    status = json.loads(as_json(STATUS))
    assert status["layers"][0] == {
        "name": "api",
        "live": "version 7",
        "since": "2026-11-01T12:00:00+00:00",
        "commit": "0123456789ab",
        "note": "",
    }


def test_a_probe_accepts_the_right_answer_only() -> None:
    assert PROBES["api"].accepts(b'{"statusCode": 200}')
    assert not PROBES["api"].accepts(b'{"statusCode": 503}')
    assert not PROBES["api"].accepts(b"null")
    assert not PROBES["sync"].accepts(b'{"errorMessage": "no such module"}')
    assert not PROBES["sync"].accepts(b"not JSON")
