"""How a command ends that is asked to: quietly, with its cleaning up finished."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
COMMAND = """
import sys, time
from local.console import Interrupted, catch_signals, say, step
catch_signals()
try:
    with step("waiting"):
        say("ready")
        time.sleep(60)
except Interrupted as interrupted:
    time.sleep(0.5)  # cleaning up, while a second signal comes
    say("Nothing was left running.")
    sys.exit(interrupted.end())
"""


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_command_that_is_interrupted_says_nothing_after_its_last_line(number: signal.Signals) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", COMMAND], cwd=ROOT, env={}, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "  waiting ... ready\n"
        process.send_signal(number)
        process.send_signal(number)
        assert process.stdout.read() == "interrupted\nNothing was left running.\n"
    assert process.returncode == 128 + number


def test_make_says_nothing_of_a_command_that_was_interrupted(tmp_path: Path) -> None:
    (tmp_path / "command.py").write_text(COMMAND)
    (tmp_path / "Makefile").write_text(f"up:\n\t@{sys.executable} command.py\n")
    with subprocess.Popen(
        ["make", "up"],
        cwd=tmp_path,
        # Not those of the make that runs the tests: its child would announce the folder that it enters.
        env={k: v for k, v in os.environ.items() if not k.startswith(("MAKE", "MFLAGS"))} | {"PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "  waiting ... ready\n"
        process.send_signal(signal.SIGTERM)
        assert process.stdout.read() == "interrupted\nNothing was left running.\n"
    assert process.returncode == -signal.SIGTERM


SAYS = """
import sys
from local.console import Explained, Interrupted, say, step
try:
    with step("deploying"):
        say("a stack")
except Interrupted as interrupted:
    say("What was started is stopped.")
    sys.exit(interrupted.end())
except Explained:
    sys.exit(1)
"""


def test_a_reader_that_has_seen_enough_ends_a_command_in_silence() -> None:
    reader, writer = os.pipe()
    os.close(reader)
    finished = subprocess.run(
        [sys.executable, "-c", SAYS], cwd=ROOT, env={}, stdout=writer, stderr=subprocess.PIPE, check=False
    )
    os.close(writer)
    assert (finished.returncode, finished.stderr) == (128 + signal.SIGPIPE, b"")


def test_make_is_silent_too_when_its_reader_has_seen_enough(tmp_path: Path) -> None:
    (tmp_path / "command.py").write_text(SAYS)
    (tmp_path / "Makefile").write_text(f"up:\n\t@{sys.executable} command.py\n")
    finished = subprocess.run(
        ["bash", "-c", "make -s up | true"],
        cwd=tmp_path,
        env={k: v for k, v in os.environ.items() if not k.startswith(("MAKE", "MFLAGS"))} | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert (finished.stdout, finished.stderr) == ("", "")


def test_a_full_disk_under_standard_output_is_told_in_one_line() -> None:
    with Path("/dev/full").open("wb") as full:
        finished = subprocess.run(
            [sys.executable, "-c", SAYS], cwd=ROOT, env={}, stdout=full, stderr=subprocess.PIPE, text=True, check=False
        )
    assert finished.returncode == 1
    assert finished.stderr == "standard output cannot be written (No space left on device): write it to another place\n"
