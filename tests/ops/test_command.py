import argparse
import ast
import importlib
import io
import json
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    ConfigParseError,
    EndpointConnectionError,
    NoCredentialsError,
    ReadTimeoutError,
)

from flux_infra.environments import environments
from ops.alarms import FiringAlarm
from ops.aws import Aws, explain, find_environment, session_of
from ops.command import command_line, main
from ops.console import Console
from ops.database import FunctionFailedError
from ops.errors import OpsError
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


def test_with_standard_input_closed_nothing_is_confirmed(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin", None)  # as Python finds it after `<&-`
    assert not Console().confirm("prod", "go back")
    assert "Give --yes" in capsys.readouterr().out


@pytest.mark.parametrize("flags", [[], ["--json"]])
def test_output_that_cannot_be_written_is_told_in_a_line(
    flags: list[str], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    show(STATUS, monkeypatch)
    with Path("/dev/full").open("w") as full:  # leaving it writes what is left, as Python does in the end
        monkeypatch.setattr("sys.stdout", full)
        assert main(["status", "--env", "prod", *flags]) == 1
        monkeypatch.undo()
    assert capsys.readouterr().err.startswith("flux: /dev/full: No space left on device\n  what to do: ")


def test_a_name_that_the_terminal_has_no_letters_for_is_shown_in_escapes(monkeypatch: pytest.MonkeyPatch) -> None:
    show(replace(STATUS, site="https://caf\u00e9.example/\udcff"), monkeypatch)
    shown = io.BytesIO()
    monkeypatch.setattr("sys.stdout", io.TextIOWrapper(shown, encoding="ascii", errors="strict"))
    assert main(["status", "--env", "prod"]) == 0
    assert b"https://caf\\xe9.example/\\udcff" in shown.getvalue()


def show(status: Status, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let `./flux status` read this."""
    monkeypatch.setattr("ops.verbs.status.connect", lambda config: config)
    monkeypatch.setattr("ops.verbs.status.read_status", lambda *_, **__: status)


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


def verbs(parser: argparse.ArgumentParser, *before: str) -> Iterator[str]:
    """Every verb that the command line knows, with those of the verbs that have their own."""
    (choices,) = [action.choices for action in parser._actions if isinstance(action.choices, dict)] or [{}]  # noqa: SLF001 - argparse has no public name
    if not choices:
        yield " ".join(before)
    for name, verb in choices.items():
        yield from verbs(verb, *before, name)


@pytest.mark.parametrize("verb", [*verbs(command_line())])
def test_every_verb_takes_the_same_flags_and_teaches_by_example(verb: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main([*verb.split(), "--help"])
    shown = capsys.readouterr().out
    assert all(flag in shown for flag in ("--env NAME", "--json"))
    assert ("--yes" in shown) == (verb not in ("dashboard", "doctor", "page", "status"))  # they change nothing
    assert f"./flux {verb}" in shown


@pytest.mark.parametrize(
    ("error", "remedy"),
    [
        (ClientError({"Error": {"Code": "AccessDenied", "Message": "no"}}, "GetAlias"), "use a role that may do this"),
        (ClientError({"Error": {"Code": "ExpiredToken", "Message": "old"}}, "GetAlias"), "aws sso login"),
        (ClientError({"Error": {"Code": "Throttling", "Message": "slow"}}, "GetAlias"), "wait a minute"),
        (ClientError({"Error": {"Code": "ValidationError", "Message": "?"}}, "GetAlias"), "./flux status --env prod"),
        (EndpointConnectionError(endpoint_url="https://lambda.test"), "check the network"),
        (ReadTimeoutError(endpoint_url="https://lambda.test"), "check the network"),
        (NoCredentialsError(), "aws sso login"),
        (ConfigParseError(path="/home/anna/.aws/config"), "~/.aws/config"),
    ],
)
def test_whatever_aws_refuses_is_answered_with_what_to_do(error: BotoCoreError | ClientError, remedy: str) -> None:
    assert remedy in explain(error, environment="prod").remedy


@pytest.mark.parametrize(
    ("setting", "value", "said"),
    [
        ("AWS_MAX_ATTEMPTS", "wat", "invalid literal for int() with base 10: 'wat'"),
        ("AWS_CONFIG_FILE", str(Path(__file__)), "Unable to parse config file"),
        ("AWS_PROFILE", "nobody", "The config profile (nobody) could not be found"),
        ("AWS_RETRY_MODE", "bogus", "must be one of: ('legacy', 'standard', 'adaptive')"),
        ("AWS_WEB_IDENTITY_TOKEN_FILE", "/no/token", "No such file or directory"),
    ],
)
def test_a_setting_that_aws_cannot_use_is_named_with_its_value_and_nobody_is_sent_to_log_in(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, setting: str, value: str, said: str
) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_ROLE_ARN", "arn:aws:iam::333333333333:role/operator")  # reads the file of the token
    monkeypatch.setenv(setting, value)
    assert main(["status", "--env", "prod"]) == 1
    shown = capsys.readouterr().err
    assert shown.startswith(f"flux: {setting}={value!r}: AWS's client cannot use it: ")
    assert said in shown
    assert f"what to do: correct or unset {setting}, then try again" in shown


@pytest.mark.parametrize("service", ["", "_STS", "_CLOUDFORMATION", "_SERVICE_QUOTAS"])
@pytest.mark.parametrize("value", ["garbage", "http://", "http://a:port", "http://[::1", "ftp://a"])
def test_an_address_that_is_none_is_refused_whichever_service_it_is_meant_for(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, service: str, value: str
) -> None:
    setting = f"AWS_ENDPOINT_URL{service}"
    monkeypatch.setenv(setting, value)
    assert main(["doctor", "--env", "prod"]) == 1
    shown = capsys.readouterr().err
    assert shown.startswith(f"flux: {setting}={value!r}: is not the address of a service\n")
    assert f"unset {setting}" in shown


def test_a_setting_of_one_service_in_the_file_of_aws_is_told_when_that_service_is_asked(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    settings = tmp_path / "config"
    settings.write_text("[default]\nservices = mine\n[services mine]\ncloudformation =\n  endpoint_url = garbage\n")
    monkeypatch.setenv("AWS_CONFIG_FILE", str(settings))
    prod = find_environment("prod")
    monkeypatch.setattr(
        "ops.verbs.status.connect", lambda _: Aws(config=prod, session=session_of(prod), url=None, operator="arn")
    )
    assert main(["status", "--env", "prod"]) == 1
    shown = capsys.readouterr().err
    assert "a setting of this shell or of ~/.aws/config: Invalid endpoint: garbage" in shown


def test_a_mistake_of_our_own_is_not_blamed_on_a_setting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ops.verbs.status.connect", lambda _: int("ours"))
    with pytest.raises(ValueError, match="ours"):
        main(["status", "--env", "prod"])


def test_what_an_operator_logs_in_with_is_shown_in_no_message(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_PROFILE"):
        monkeypatch.setenv(name, "nobody")
    assert main(["status", "--env", "prod"]) == 1
    assert capsys.readouterr().err.startswith("flux: AWS_PROFILE='nobody': ")


def test_a_refused_connection_is_no_question_of_who_asks(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in {"ACCESS_KEY_ID": "key", "SECRET_ACCESS_KEY": "secret", "MAX_ATTEMPTS": "1"}.items():
        monkeypatch.setenv(f"AWS_{name}", value)
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:1")
    assert main(["status", "--env", "prod"]) == 1
    assert "AWS does not answer" in capsys.readouterr().err


def test_ctrl_c_while_the_modules_load_ends_it_without_a_traceback() -> None:
    program = [sys.executable, "-X", "importtime", "-m", "ops", "status", "--env", "prod"]
    with subprocess.Popen(program, cwd=ROOT, stderr=subprocess.PIPE, text=True) as loading:
        assert loading.stderr is not None
        assert any("botocore" in line for line in loading.stderr)
        loading.send_signal(signal.SIGINT)
        rest = loading.stderr.read()
    assert loading.returncode == -signal.SIGINT
    assert "Traceback" not in rest


@pytest.mark.parametrize(
    "arguments",
    [
        "status --env prod --deployments 0",
        "status --env prod --deployments -1",
        "rollback api --env prod --planned {",
        "status --env prod --deployments 9" + "9" * 5_000,
        "rollback api --env prod --ignore-alarms=",
        "rollback api --env prod --ignore-alarms=\udcff",
        "rollback site --env prod --to=",
        "site rollback --env prod --to=",
        *(f"redrive pos-sync --env prod {action}={value}" for action in ("--send", "--drop") for value in ("", "7")),
        "dashboard --env prod --name=",
        *(f"square --fail slow --seconds={value}" for value in ("nan", "inf", "1e400", "-5", "1_0", "")),
        *(f"square --fail slow --times={value}" for value in ("-1", "0", "1.5", "")),
        *(
            f"square {option}{value}"
            for option in ("--fail=", "--expire=", "--fail=slow --merchant=")
            for value in ("", "\x01", "\udcff", "a/b", "caf\u00e9")
        ),
        "open-restaurant --env prod --name A --time-zone Europe/Rome --owner-email a@b.test --password-file /dev/null",
        "open-restaurant --env prod --name A --time-zone Europe/Rome --owner-email a@b.test --password-file /no/file",
    ],
)
def test_an_argument_that_is_wrong_by_itself_is_refused_before_anybody_logs_in(
    arguments: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit):
        main(arguments.split())
    assert re.search(r"argument --[a-z-]+: .*: (give|say) ", capsys.readouterr().err)


DRIVER = (
    '(psycopg.OperationalError) connection failed: connection to server at "10.0.1.7", port 5432 failed: refused\n'
    "(Background on this error at: https://sqlalche.me/e/20/e3q8)"
)


@pytest.mark.parametrize("kind", ["OperationalError", "ConnectionTimeout", "InterfaceError"])
def test_a_database_that_is_away_is_told_without_what_its_driver_says(kind: str) -> None:
    error = FunctionFailedError(action="status", kind=kind, reason=DRIVER, environment="prod")
    assert error.why == "database: it does not answer the migrate function (status)"
    assert "/flux/prod/migrate" in error.remedy


def test_what_else_a_function_says_is_told_in_its_first_line() -> None:
    error = FunctionFailedError(action="downgrade", kind="ProgrammingError", reason=DRIVER, environment="prod")
    assert "sqlalche" not in str(error)
    assert "\n(" not in error.why


def test_every_error_of_the_commands_has_a_remedy() -> None:
    """OpsError asks for one; nothing else is raised on purpose but what its caller handles."""
    handled = {"ValueError", "TypeError", "LookupError", "argparse.ArgumentTypeError"}
    raised = {
        (ast.unparse(node.exc.func), path.name)
        for path in (ROOT / "ops").rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Raise) and isinstance(node.exc, ast.Call)
    }
    assert {name for name, _ in raised} - handled <= {
        name
        for name, kind in vars(importlib.import_module("ops.errors")).items()
        if isinstance(kind, type) and issubclass(kind, OpsError)
    } | {"FunctionFailedError", "NotAllowedError", "NotKnownError", "SettingError"}


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
