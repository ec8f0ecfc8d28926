"""What `./flux open-restaurant` refuses before it asks AWS anything, and how it hands a password over."""

import stat
from pathlib import Path

import pytest

from ops.__main__ import main
from ops.errors import OpsError
from ops.restaurants import hand_over, make_password

GOOD = {"--name": "Trattoria Aurora", "--time-zone": "America/New_York", "--owner-email": "anna@example.com"}


@pytest.mark.parametrize(
    ("option", "value", "remedy"),
    [
        ("--name", " ", "--name 'Trattoria Aurora'"),
        ("--name", "x" * 201, "--name 'Trattoria Aurora'"),
        ("--name", "Aurora\x07", "--name 'Trattoria Aurora'"),
        ("--time-zone", "Europe/Atlantis", "--time-zone America/New_York"),
        ("--owner-email", "anna", "--owner-email anna@example.com"),
        ("--owner-email", f"{'a' * 250}@b.example", "--owner-email anna@example.com"),
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


def test_no_two_passwords_are_alike_and_each_can_be_read_out() -> None:
    passwords = {make_password() for _ in range(100)}
    assert len(passwords) == 100
    assert {len(password) for password in passwords} == {23}
    assert not set("01lIoO") & set("".join(passwords))


def test_a_password_is_never_said_where_no_person_reads() -> None:
    with pytest.raises(OpsError, match="--password-file PATH"):  # pytest's output is no terminal
        hand_over("secret", None)


def test_a_password_file_is_its_owners_alone_and_never_overwritten(tmp_path: Path) -> None:
    file = tmp_path / "password"
    assert "secret" not in hand_over("secret", file)
    assert file.read_text() == "secret\n"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    with pytest.raises(OpsError, match="File exists"):
        hand_over("another", file)
    assert file.read_text() == "secret\n"
