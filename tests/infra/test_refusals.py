"""How a wrong value ends a command: in one line, with its place."""

import subprocess
import sys
from pathlib import Path

import pytest

from flux_infra.apps.entry import build_app, text_context
from flux_infra.config import ConfigError

from .templates import PROJECT

WRONG = ("api=ReleasedFunction(memory_mib=512,", "api=ReleasedFunction(memory_mib=64,")


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """This project with one wrong value in its environments."""
    for each in ("app.py", "build", "cdk.json", "lambdas", "local", "model", "ops", "policy", "ci"):
        (tmp_path / each).symlink_to(PROJECT / each)
    (tmp_path / "flux_infra").mkdir()
    for part in (PROJECT / "flux_infra").iterdir():
        (tmp_path / "flux_infra" / part.name).symlink_to(part)
    environments = tmp_path / "flux_infra" / "environments.py"
    text = environments.read_text()
    assert text.count(WRONG[0]) == 1
    environments.unlink()
    environments.write_text(text.replace(*WRONG))
    return tmp_path


@pytest.mark.parametrize("command", ["build", "ops"])
def test_a_wrong_value_ends_a_command_in_one_line_that_names_its_place(checkout: Path, command: str) -> None:
    finished = subprocess.run(
        [sys.executable, "-m", command, "--help"],
        cwd=checkout,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    lines = (checkout / "flux_infra" / "environments.py").read_text().splitlines()
    (wrong,) = (number for number, line in enumerate(lines, start=1) if WRONG[1] in line)
    said = f"error: flux_infra/environments.py:{wrong}: FunctionSize.memory_mib=64: must be 128 to 10240 MiB\n"
    assert (finished.returncode, finished.stderr) == (1, said)


@pytest.mark.parametrize("value", [["prod"], 5, True])
def test_context_that_is_no_text_is_refused_by_its_name(value: object) -> None:
    with pytest.raises(ConfigError, match=r"^only=.*: must be text, in cdk\.json in quotes; or give -c only=\.\.\.$"):
        text_context(build_app(context={"only": value}), "only")
