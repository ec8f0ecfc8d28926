"""One command at a time works on a checkout's platform; the others are told who does."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import pytest

from local import __main__, machine
from local.processes import Daemon, wait_for_end
from local.turn import NotYourTurn, Turn
from tests.local.conftest import Make

# FILE COMMAND: take the turn, say so, and have a child as `make up` has a build.
COMMAND = """
import subprocess, sys
from pathlib import Path
from local.console import Interrupted, catch_signals, say
from local.turn import NotYourTurn, Turn
catch_signals()
try:
    with Turn(file=Path(sys.argv[1])).take(sys.argv[2]):
        child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"], stdout=subprocess.DEVNULL)
        say(str(child.pid))
        child.wait()
except NotYourTurn as refused:
    say(f"{refused.why}: {refused.remedy}")
except Interrupted:
    say("cleaned up")
"""


@pytest.fixture
def turn(tmp_path: Path) -> Turn:
    return Turn(file=tmp_path / "turn")


def begin(turn: Turn, command: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", COMMAND, str(turn.file), command], cwd=machine.ROOT, stdout=subprocess.PIPE, text=True
    )


def heard(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    return process.stdout.readline()


@contextmanager
def held(turn: Turn, command: str) -> Iterator[tuple[subprocess.Popen[str], psutil.Process]]:
    """Another process has the turn; it and its child."""
    with begin(turn, command) as process:
        child = psutil.Process(int(heard(process)))
        try:
            yield process, child
        finally:
            process.kill()
            if child.is_running():
                child.kill()


def test_a_second_command_is_refused_in_one_line_with_who_is_at_work_since_when_and_what_to_do(
    turn: Turn, make: Make, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(__main__, "TURN", turn)
    with held(turn, "make up") as (holder, _):
        assert make("up") == 1
    assert re.fullmatch(
        rf"make up: make up \(pid {holder.pid}, since \d{{4}}-\d\d-\d\d \d\d:\d\d:\d\d\) works on this checkout: "
        rf"wait for its end, or end it: Ctrl-C where it runs, or 'kill -INT {holder.pid}'\.\n",
        capsys.readouterr().out,
    )


def test_of_commands_that_begin_in_one_moment_one_works_and_every_other_names_it(turn: Turn) -> None:
    commands = [begin(turn, "make up") for _ in range(4)]
    said = {command.pid: heard(command) for command in commands}
    (worker,) = (pid for pid, line in said.items() if line.strip().isdecimal())
    others = [line for pid, line in said.items() if pid != worker]
    assert [f"make up (pid {worker}, since " in line for line in others] == [True] * 3
    turn.end_holder(["make up"])
    for command in commands:
        command.communicate()


def test_a_command_that_was_killed_leaves_the_turn_to_the_next(turn: Turn) -> None:
    with held(turn, "make up") as (holder, _):
        holder.kill()
        holder.wait()
        assert turn.holder() is None
        with turn.take("make up"):
            found = turn.holder()
    assert found is not None
    assert (found.command, found.process.pid) == ("make up", os.getpid())
    assert turn.holder() is None


def test_what_a_command_starts_does_not_keep_its_turn(turn: Turn, tmp_path: Path) -> None:
    daemon = Daemon(name="sleeper", title="the sleeper", folder=tmp_path)
    with turn.take("make up"):
        daemon.start([sys.executable, "-c", "import time; time.sleep(600)"], environment={})
    with turn.take("make down"):
        assert daemon.process() is not None
        daemon.stop(patience=5)


def test_down_has_an_up_clean_up_and_ends_what_that_was_running(turn: Turn) -> None:
    with held(turn, "make up") as (holder, child):
        turn.end_holder(["make up", "make dev"])
        assert heard(holder) == "cleaned up\n"
        assert wait_for_end([child], seconds=0) == []
        with turn.take("make down"):
            pass


def test_down_does_not_end_the_tests_that_use_the_platform(turn: Turn) -> None:
    with held(turn, "pytest tests/system") as (holder, _):
        turn.end_holder(["make up", "make dev"])
        with pytest.raises(NotYourTurn, match=rf"pytest tests/system \(pid {holder.pid}, "), turn.take("make down"):
            pass
        assert holder.poll() is None


def test_who_has_the_turn_and_cannot_be_seen_is_waited_for_too(turn: Turn) -> None:
    with turn.take("make up"):
        turn.file.write_text("")  # as after a namespace of processes of its own
        with pytest.raises(NotYourTurn, match="cannot be seen from here"), turn.take("make up"):
            pass
