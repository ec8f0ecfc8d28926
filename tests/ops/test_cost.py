"""`./flux cost`, on templates that are there already."""

import json
from pathlib import Path

import pytest

from ops.command import main as flux


def write(folder: Path, *, keys: int) -> Path:
    folder.mkdir()
    resources = {f"Key{number}": {"Type": "AWS::KMS::Key"} for number in range(keys)}
    (folder / "FluxprodData0123ABCD.template.json").write_text(json.dumps({"Resources": resources}))
    return folder


def test_an_estimate_is_shown_by_layer_and_item(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert flux(["cost", "--env", "prod", "--templates", str(write(tmp_path / "now", keys=3))]) == 0
    said = capsys.readouterr().out
    assert "3 x key (key)" in said
    assert "3.00 USD a month; 0.30 per 1,000 restaurants" in said


def test_a_program_gets_the_same_and_the_difference(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    now, before = write(tmp_path / "now", keys=3), write(tmp_path / "before", keys=1)
    assert flux(["cost", "--env", "prod", "--json", "--templates", str(now), "--compare", str(before)]) == 0
    answer = json.loads(capsys.readouterr().out)
    assert (answer["usd"], answer["fixed_usd"], answer["by_traffic_usd"]) == (3.0, 3.0, 0.0)
    assert answer["changes"] == [{"layer": "Data", "item": "keys", "before": 1.0, "after": 3.0}]


def test_two_syntheses_are_compared(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    now, before = write(tmp_path / "now", keys=1), write(tmp_path / "before", keys=3)
    assert flux(["cost", "--env", "prod", "--templates", str(now), "--compare", str(before)]) == 0
    assert capsys.readouterr().out.splitlines() == [
        "       -2.00  Data: keys",
        "       -2.00  together: 3.00 -> 1.00 USD a month",
    ]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--env", "local"], "AWS on this machine costs nothing"),
        (["--env", "prod", "--templates", "nowhere"], "run 'make synth' first"),
        (["--env", "dev", "--templates", "now"], "holds no templates of dev, only of prod"),
    ],
)
def test_what_cannot_be_estimated_is_said_with_its_remedy(
    arguments: list[str],
    message: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    write(tmp_path / "now", keys=1)
    monkeypatch.chdir(tmp_path)
    assert flux(["cost", *arguments]) == 1
    assert message in capsys.readouterr().err
