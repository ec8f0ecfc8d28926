"""A restaurant is opened by the operator's command, and its owner signs in through CloudFront."""

import secrets
from pathlib import Path

import pytest

from ops.command import main
from tests.system.conftest import Flux


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
