"""Background processes of the local platform."""

import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from local.processes import Daemon

ROOT = Path(__file__).resolve().parents[2]
FOREVER = [sys.executable, "-c", "import time; print('up', flush=True); time.sleep(600)"]
STUBBORN = [
    sys.executable,
    "-c",
    (
        "import signal, subprocess, sys, time\n"
        "signal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
        "subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)'])\n"
        "print('up', flush=True)\n"
        "time.sleep(600)"
    ),
]


# Starts a daemon and lives on, deaf to how that ends, as `make up` is while it deploys.
STARTS_AND_LIVES_ON = """
import sys, time
from pathlib import Path
from local.processes import Daemon
Daemon(name="sleeper", title="the sleeper", folder=Path(sys.argv[1])).start(
    [sys.executable, "-c", "import time; time.sleep(600)"], environment={}
)
print("started", flush=True)
time.sleep(600)
"""


def wait_for(daemon: Daemon, words: str) -> None:
    while words not in daemon.tail():
        assert daemon.process() is not None, daemon.tail()


def test_a_started_process_is_found_again_by_its_pid_file(tmp_path: Path) -> None:
    Daemon(name="sleeper", title="the sleeper", folder=tmp_path).start(FOREVER, environment={})
    found = Daemon(name="sleeper", title="the sleeper", folder=tmp_path)
    assert found.process() is not None
    found.stop(patience=5)
    assert found.process() is None


def test_stopping_ends_children_too_though_the_parent_ignores_the_request(tmp_path: Path) -> None:
    daemon = Daemon(name="stubborn", title="the stubborn", folder=tmp_path)
    daemon.start(STUBBORN, environment={})
    wait_for(daemon, "up")
    process = daemon.process()
    assert process is not None
    family = [process, *process.children()]
    assert len(family) == 2
    daemon.stop(patience=0.2)
    assert not any(member.is_running() and member.status() != psutil.STATUS_ZOMBIE for member in family)


def test_what_a_killed_process_left_behind_is_ended_too(tmp_path: Path) -> None:
    daemon = Daemon(name="stubborn", title="the stubborn", folder=tmp_path)
    daemon.start(STUBBORN, environment={})
    wait_for(daemon, "up")
    process = daemon.process()
    assert process is not None
    (orphan,) = process.children()
    process.kill()
    process.wait()
    assert orphan.is_running()
    daemon.stop(patience=5)
    assert not orphan.is_running() or orphan.status() == psutil.STATUS_ZOMBIE


def test_what_ended_is_stopped_though_the_command_that_started_it_has_not_heard_of_it(tmp_path: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", STARTS_AND_LIVES_ON, str(tmp_path)], cwd=ROOT, stdout=subprocess.PIPE, text=True
    ) as starter:
        assert starter.stdout is not None
        assert starter.stdout.readline() == "started\n"
        daemon = Daemon(name="sleeper", title="the sleeper", folder=tmp_path)
        process = daemon.process()
        assert process is not None
        began = time.monotonic()
        daemon.stop(patience=30)
        assert time.monotonic() - began < 10
        assert process.status() == psutil.STATUS_ZOMBIE
        starter.kill()


def test_a_pid_that_now_belongs_to_another_process_is_left_alone(tmp_path: Path) -> None:
    ours = psutil.Process()
    (tmp_path / "sleeper.pid").write_text(f"{ours.pid} {ours.create_time() - 100}")
    daemon = Daemon(name="sleeper", title="the sleeper", folder=tmp_path)
    assert daemon.process() is None
    daemon.stop(patience=0.1)
    assert ours.is_running()


@pytest.mark.parametrize("lines", [1, 2])
def test_the_tail_is_the_end_of_the_log(tmp_path: Path, lines: int) -> None:
    daemon = Daemon(name="sleeper", title="the sleeper", folder=tmp_path)
    daemon.log.write_text("first\nsecond\nthird\n")
    assert daemon.tail(lines) == "\n".join(["first", "second", "third"][-lines:])
