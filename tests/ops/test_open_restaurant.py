"""What `./flux open-restaurant` refuses before it asks AWS anything, and how it hands a password over."""

import stat
from pathlib import Path

import boto3
import pytest
from botocore.exceptions import ClientError, ReadTimeoutError

from ops.aws import Aws
from ops.command import main
from ops.database import FunctionFailedError
from ops.errors import OpsError
from ops.hand_over import hand_over
from ops.restaurants import make_password
from ops.stacks import DeployedStack

GOOD = {"--name": "Trattoria Aurora", "--time-zone": "America/New_York", "--owner-email": "anna@example.com"}


@pytest.mark.parametrize(
    ("option", "value", "remedy"),
    [
        ("--name", " ", "--name 'Trattoria Aurora'"),
        ("--name", "x" * 201, "--name 'Trattoria Aurora'"),
        ("--name", "Aurora\x07", "--name 'Trattoria Aurora'"),
        ("--time-zone", "Europe/Atlantis", "--time-zone America/New_York"),
        ("--close-of-day", "24:00", "--close-of-day 04:00"),
        ("--close-of-day", "4 am", "--close-of-day 04:00"),
        ("--owner-email", "anna", "--owner-email anna@example.com"),
        ("--owner-email", f"{'a' * 250}@b.example", "--owner-email anna@example.com"),
        ("--owner-email", "\udcff@x", "--owner-email anna@example.com"),
        ("--owner-email", "an\x7fna@example.com", "--owner-email anna@example.com"),
    ],
)
def test_bad_input_is_answered_with_field_value_and_remedy(
    option: str, value: str, remedy: str, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = [text for pair in (GOOD | {option: value}).items() for text in pair]
    assert main(["open-restaurant", "--env", "prod", *arguments]) == 1
    said = capsys.readouterr().err
    assert f"{option} {value!r}" in said
    assert remedy in said


ANSWERS = {
    "refused": (
        FunctionFailedError(action="open", kind="RefusedError", reason="owner_email: taken", environment="prod"),
        0,
    ),
    "database away": (
        FunctionFailedError(action="open", kind="OperationalError", reason="away", environment="prod"),
        0,
    ),
    "no right to ask": (ClientError({"Error": {"Code": "AccessDenied", "Message": "no"}}, "Invoke"), 0),
    "timed out": (FunctionFailedError(action="open", kind="Sandbox.Timedout", reason="900 s", environment="prod"), 1),
    "answer lost": (ReadTimeoutError(endpoint_url="https://lambda.test"), 1),
}


@pytest.mark.parametrize(("error", "kept"), ANSWERS.values(), ids=ANSWERS)
def test_a_password_file_is_left_only_where_its_password_may_be_somebodys(
    error: Exception, kept: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert open_with(tmp_path, monkeypatch, error) == 1
    assert len(list(tmp_path.iterdir())) == kept
    assert "what to do: " in capsys.readouterr().err


def test_the_password_of_a_restaurant_that_was_open_already_is_void_and_goes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert open_with(tmp_path, monkeypatch, {"restaurant_id": "r1", "opened": False}) == 0
    assert list(tmp_path.iterdir()) == []
    assert open_with(tmp_path, monkeypatch, {"restaurant_id": "r1", "opened": True}) == 0
    assert len(list(tmp_path.iterdir())) == 1


def open_with(folder: Path, monkeypatch: pytest.MonkeyPatch, answer: Exception | dict[str, object]) -> int:
    """Run the verb with a migrate function that answers so."""
    stack = DeployedStack(name="Flux", status="", outputs={"SiteUrl": "https://x"}, resources={}, types={})

    def ask(*_: object) -> dict[str, object]:
        if isinstance(answer, Exception):
            raise answer
        return answer

    monkeypatch.setattr("ops.restaurants.ask_migrate", ask)
    monkeypatch.setattr(DeployedStack, "read", lambda *_: stack)
    monkeypatch.setattr(
        "ops.verbs.open_restaurant.connect",
        lambda config: Aws(config=config, session=boto3.Session(), url=None, operator="anna"),
    )
    arguments = [text for pair in GOOD.items() for text in pair]
    file = str(folder / "password")
    return main(["open-restaurant", "--env", "prod", "--yes", "--password-file", file, *arguments])


def test_no_two_passwords_are_alike_and_each_can_be_read_out() -> None:
    passwords = {make_password() for _ in range(100)}
    assert len(passwords) == 100
    assert {len(password) for password in passwords} == {23}
    assert not set("01lIoO") & set("".join(passwords))


def test_a_password_is_never_said_where_no_person_reads() -> None:
    with pytest.raises(OpsError, match="--password-file PATH"):  # pytest's output is no terminal
        hand_over("secret", None, what="the password", option="--password-file")


def test_a_password_file_is_its_owners_alone_and_never_overwritten(tmp_path: Path) -> None:
    file = tmp_path / "password"
    assert "secret" not in hand_over("secret", file, what="the password", option="--password-file")
    assert file.read_text() == "secret\n"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    with pytest.raises(OpsError, match="File exists"):
        hand_over("another", file, what="the password", option="--password-file")
    assert file.read_text() == "secret\n"
