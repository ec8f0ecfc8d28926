"""Content-addressed folders: complete or absent, built once, readable by everyone."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from build.inputs import hash_inputs
from build.manifest import Manifest
from build.store import Store

PROJECT = Path(__file__).resolve().parents[2]


def greet(folder: Path) -> None:
    (folder / "inner").mkdir()
    (folder / "inner" / "greeting").write_text("hello")


def refuse(folder: Path) -> None:
    raise AssertionError(f"{folder} must not be built")


def test_a_folder_is_built_once(tmp_path: Path) -> None:
    store = Store(tmp_path)
    assert store.obtain("things/a", greet)
    assert not store.obtain("things/a", refuse)
    assert (tmp_path / "things/a/inner/greeting").read_text() == "hello"


def test_a_failed_build_leaves_nothing_behind(tmp_path: Path) -> None:
    def fail(folder: Path) -> None:
        greet(folder)
        raise RuntimeError("half way")

    with pytest.raises(RuntimeError, match="half way"):
        Store(tmp_path).obtain("things/a", fail)
    assert list((tmp_path / "things").iterdir()) == []


def test_what_another_store_holds_is_taken_over(tmp_path: Path) -> None:
    Store(tmp_path / "first").obtain("things/a", greet)
    assert not Store(tmp_path / "second", other=tmp_path / "first").obtain("things/a", refuse)
    assert (tmp_path / "second/things/a/inner/greeting").read_text() == "hello"


def test_lambdas_user_can_read_what_a_careful_builder_wrote(tmp_path: Path) -> None:
    before = os.umask(0o077)
    try:
        Store(tmp_path).obtain("things/a", greet)
    finally:
        os.umask(before)
    assert (tmp_path / "things/a").stat().st_mode & 0o777 == 0o755
    assert (tmp_path / "things/a/inner").stat().st_mode & 0o777 == 0o755
    assert (tmp_path / "things/a/inner/greeting").stat().st_mode & 0o777 == 0o644


def test_pruning_keeps_what_is_named_and_leaves_other_places_alone(tmp_path: Path) -> None:
    store = Store(tmp_path)
    for path in ("things/old", "things/new", "elsewhere/old"):
        store.obtain(path, greet)
    store.prune({"things/new"})
    assert sorted(folder.name for folder in (tmp_path / "things").iterdir()) == ["new"]
    assert (tmp_path / "elsewhere/old").exists()


KILLED_BUILD = """
import os, signal, sys
from pathlib import Path
from build.store import Store

def build(folder):
    (folder / "inner").mkdir()
    os.kill(os.getpid(), signal.SIGKILL)

Store(Path(sys.argv[1])).obtain("things/a", build)
"""
KILLED_COPY = """
import os, signal, sys
from pathlib import Path
from build import store

link, linked = os.link, []

def link_once(source, target):
    if linked:
        os.kill(os.getpid(), signal.SIGKILL)
    linked.append(target)
    link(source, target)

os.link = link_once
store.Store(Path(sys.argv[1]), other=Path(sys.argv[2])).obtain("things/a", None)
"""


def greet_twice(folder: Path) -> None:
    greet(folder)
    (folder / "inner" / "farewell").write_text("goodbye")


@pytest.mark.parametrize("program", [KILLED_BUILD, KILLED_COPY], ids=["build", "copy"])
def test_what_was_killed_half_way_is_never_used_and_swept_away_by_the_next(tmp_path: Path, program: str) -> None:
    Store(tmp_path / "other").obtain("things/a", greet_twice)
    place = tmp_path / "store" / "things"
    killed = subprocess.run(
        [sys.executable, "-c", program, tmp_path / "store", tmp_path / "other"], cwd=PROJECT, check=False
    )
    assert killed.returncode == -signal.SIGKILL
    assert [folder.name.partition("-")[0] for folder in place.iterdir()] == [".unfinished"]

    store = Store(tmp_path / "store")
    assert store.obtain("things/a", greet_twice)
    store.prune({"things/a"})
    assert [folder.name for folder in place.iterdir()] == ["a"]
    assert {file.name for file in (place / "a" / "inner").iterdir()} == {"greeting", "farewell"}


def test_what_is_pruned_is_gone_before_any_of_it_is_deleted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = Store(tmp_path)
    store.obtain("things/a", greet)
    store.obtain("things/b", greet)
    seen: list[bool] = []
    remove = os.unlink

    def watch(path: str, *, dir_fd: int | None = None) -> None:
        seen.append((tmp_path / "things/a").exists())
        remove(path, dir_fd=dir_fd)

    monkeypatch.setattr(os, "unlink", watch)
    store.prune({"things/b"})
    assert seen
    assert not any(seen)
    assert [folder.name for folder in (tmp_path / "things").iterdir()] == ["b"]


def test_equal_sources_have_equal_hashes_wherever_they_are(tmp_path: Path) -> None:
    for place in ("here", "there"):
        (tmp_path / place / "api").mkdir(parents=True)
        (tmp_path / place / "api" / "handler.py").write_text("handler = 1\n")
    (tmp_path / "there/api/__pycache__").mkdir()
    (tmp_path / "there/api/__pycache__/handler.pyc").write_bytes(b"compiled")
    assert hash_inputs(trees=[tmp_path / "here/api"]) == hash_inputs(trees=[tmp_path / "there/api"])


def test_a_changed_byte_or_name_changes_the_hash(tmp_path: Path) -> None:
    source = tmp_path / "api"
    source.mkdir()
    (source / "handler.py").write_text("handler = 1\n")
    first = hash_inputs(trees=[source])
    (source / "handler.py").write_text("handler = 2\n")
    second = hash_inputs(trees=[source])
    (source / "handler.py").rename(source / "other.py")
    assert len({first, second, hash_inputs(trees=[source]), hash_inputs(trees=[source], texts=["x"])}) == 4


def test_an_unchanged_manifest_is_not_written_again(tmp_path: Path) -> None:
    manifest = Manifest(site={"path": "site/1", "hash": "1"})
    manifest.write(tmp_path)
    first = (tmp_path / "manifest.json").stat().st_ino
    manifest.write(tmp_path)
    assert (tmp_path / "manifest.json").stat().st_ino == first


def test_a_manifest_is_read_as_it_was_written(tmp_path: Path) -> None:
    manifest = Manifest(
        functions={"api": {"path": "functions/api-1", "hash": "1"}},
        model={"path": "model/2/model.tar.gz", "hash": "2"},
        migrations={"hash": "3"},
    )
    manifest.write(tmp_path)
    assert Manifest.read(tmp_path) == manifest
    assert manifest.paths() == {"functions/api-1", "model/2"}


def test_an_unreadable_manifest_counts_as_none(tmp_path: Path) -> None:
    (tmp_path / "manifest.json").write_text("{")
    assert Manifest.read(tmp_path) == Manifest()
