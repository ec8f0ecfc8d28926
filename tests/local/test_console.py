"""What a person sees of a step, at a terminal and through a pipe."""

import os
import pty
import re
import subprocess
import sys
from pathlib import Path

import pytest

from local.console import Step

ROOT = Path(__file__).resolve().parents[2]
DEPLOYMENT = """\
 ✅  Flux-local/Network (Flux-local-Network) (no changes)

✨  Deployment time: 0.24s
Flux-local/Data (Flux-local-Data): deploying... [2/7]
Flux-local-Data | 0/41 | 4:40:42 PM | REVIEW_IN_PROGRESS   | AWS::CloudFormation::Stack | Flux-local-Data User Initiated
Flux-local/Ml (Flux-local-Ml): deploying... [3/7]
Flux-local-Data | 14/41 | 4:40:44 PM | CREATE_COMPLETE      | AWS::KMS::Key | Flux-local/Data/Key (Key961B73FD)
 ✅  Flux-local/Data (Flux-local-Data)
"""
PROGRAM = f"""
from local.console import step
from local.deployment_progress import DeploymentProgress
with step("deploying") as deploying:
    progress = DeploymentProgress(deploying, stacks=7)
    for line in {DEPLOYMENT!r}.splitlines():
        progress.read(line)
with step("publishing"):
    pass
"""


def program() -> list[str]:
    return [sys.executable, "-c", PROGRAM]


def test_through_a_pipe_each_stack_is_a_line() -> None:
    shown = subprocess.run(program(), cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert re.sub(r"\d\.\d s", "_ s", shown).splitlines() == [
        "  deploying ... ",
        "    Network is as it was",
        "    Data is deployed",
        "    _ s",
        "  publishing ... _ s",
    ]


def test_a_terminal_sees_in_one_line_which_stacks_are_under_way_and_at_the_end_only_how_long_it_took() -> None:
    ours, theirs = pty.openpty()
    subprocess.run(program(), cwd=ROOT, stdout=theirs, check=True, env=os.environ | {"COLUMNS": "72"})
    os.close(theirs)
    deploying, publishing = os.read(ours, 10_000).decode().split("\r\n")[:2]
    os.close(ours)
    shown = [text.removesuffix("\x1b[K").removeprefix("  deploying ... ") for text in deploying.split("\r")]
    assert shown[:-1] == [
        "",
        "1 of 7 done",
        "1 of 7 done; Data",
        "1 of 7 done; Data 0 of 41 resources",
        "1 of 7 done; Data 0 of 41 resources, Ml",
        "1 of 7 done; Data 14 of 41 resources, Ml",
        "2 of 7 done; Ml",
    ]
    assert re.fullmatch(r"\x1b\[K\d\.\d s", shown[-1])
    assert re.fullmatch(r"  publishing \.\.\. \d\.\d s", publishing)


def test_what_a_terminal_has_no_room_for_is_left_out(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    monkeypatch.setenv("COLUMNS", "30")
    Step("deploying").show("x" * 100)
    assert len(capsys.readouterr().out.split("\r")[1].removesuffix("\x1b[K")) < 30
