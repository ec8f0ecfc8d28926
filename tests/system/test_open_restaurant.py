"""A restaurant is opened by the operator's command, and its owner signs in through CloudFront."""

import secrets
from pathlib import Path

import pytest

from ops.command import main
from tests.system.browser import seen_by
from tests.system.conftest import Flux

CHOSEN = "soup of the day is minestrone"


def test_a_new_restaurants_owner_signs_in_and_sees_an_empty_list(
    flux: Flux, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    email, file = f"anna-{secrets.token_hex(4)}@example.com", tmp_path / "password"

    def command(owner: str, name: str, password: Path) -> int:
        asked = ("--name", name, "--time-zone", "Europe/Rome", "--owner-email", owner, "--password-file", str(password))
        return main(["open-restaurant", "--env", "local", *asked, "--yes"])

    assert command(email, "Osteria", file) == 0
    password = file.read_text().strip()
    said = capsys.readouterr()
    assert "is open" in said.out
    assert password not in said.out + said.err

    with flux.platform.visitor() as visitor:
        answer = visitor.post("/api/v1/auth/token", json={"email": email, "password": password})
        assert answer.status_code == 200
        token = answer.json()["access_token"]
        forecasts = visitor.get("/api/v1/forecasts", headers={"authorization": f"Bearer {token}"})
    assert (forecasts.status_code, forecasts.json()["items"]) == (200, [])

    assert command(email.upper(), "Osteria", tmp_path / "again") == 0
    assert "was open already" in capsys.readouterr().out
    assert command(email, "Another kitchen", tmp_path / "another") == 1
    assert f"--owner-email '{email}': it is known already" in capsys.readouterr().err
    assert not (tmp_path / "another").exists()


def test_who_forgot_the_password_chooses_another_by_a_link_and_invites_somebody_in_the_browser(
    flux: Flux, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    email, link = f"bruno-{secrets.token_hex(4)}@example.com", tmp_path / "link"
    opening = ("--name", "Osteria", "--time-zone", "Europe/Rome", "--owner-email", email)
    assert main(["open-restaurant", "--env", "local", *opening, "--password-file", str(tmp_path / "p"), "--yes"]) == 0
    asked = ("--env", "local", "--email", email, "--link-file", str(link), "--yes")
    assert main(["password-link", *asked]) == 0
    said = capsys.readouterr()
    assert link.read_text().split("#")[1].strip() not in said.out + said.err

    seen = seen_by("password.mjs", link.read_text().strip(), CHOSEN, str(tmp_path / "password.png"))
    assert (seen["asked"], seen["answered"]) == ("Choose a password", "Your new password is saved")
    assert seen["consoleErrors"] == []
    with flux.platform.visitor() as visitor:
        answer = visitor.post("/api/v1/auth/token", json={"email": email, "password": CHOSEN})
    assert answer.status_code == 200

    guest = f"carla-{secrets.token_hex(4)}@example.com"
    team = seen_by("team.mjs", f"{flux.platform.site_url}/", email, CHOSEN, guest, str(tmp_path / "team.png"))
    assert (team["members"], team["failure"], team["overflow"]) == ([email, guest], None, 0)
    assert team["consoleErrors"] == []
    welcomed = seen_by("password.mjs", str(team["link"]), CHOSEN, str(tmp_path / "welcome.png"))
    assert welcomed["answered"] == "Your new password is saved"

    again = seen_by("password.mjs", link.read_text().strip(), CHOSEN, str(tmp_path / "again.png"))
    assert str(again["failure"]).startswith("This link has been used")
    stranger = ("--env", "local", "--email", "nobody@example.com", "--link-file", str(tmp_path / "other"), "--yes")
    assert main(["password-link", *stranger]) == 1
    assert "--email 'nobody@example.com': nobody who may sign in" in capsys.readouterr().err
    assert not (tmp_path / "other").exists()
