"""`make build` as a command."""

import fcntl
import json
from pathlib import Path
from threading import Thread

import pytest

from build import tools
from build.__main__ import LOCK, build, main
from build.bundles import FUNCTIONS
from build.errors import BuildError


def test_functions_are_built_from_another_source_and_a_second_run_says_nothing(
    source: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    command = ["--only", "functions", "--source", str(source), "--out", str(tmp_path / "out")]
    assert main(command) == 0
    assert capsys.readouterr().out.count("functions: ") == len(FUNCTIONS)
    manifest = json.loads((tmp_path / "out/manifest.json").read_text())
    assert set(manifest["functions"]) == {function.name for function in FUNCTIONS}
    for name, entry in manifest["functions"].items():
        assert (tmp_path / "out" / entry["path"] / name / "handler.py").exists()
    assert (tmp_path / "out" / manifest["functions"]["migrate"]["path"] / "migrations").is_dir()

    assert main(command) == 0
    assert capsys.readouterr().out == ""


def test_a_change_builds_one_function_anew_and_forgets_its_old_bundle(
    source: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    command = ["--only", "functions", "--source", str(source), "--out", str(tmp_path / "out")]
    assert main(command) == 0
    before = json.loads((tmp_path / "out/manifest.json").read_text())["functions"]
    (source / "lambdas/api/handler.py").write_text("def handler() -> str:\n    return 'new'\n")
    capsys.readouterr()
    assert main(command) == 0
    assert [line.split(":")[1].strip() for line in capsys.readouterr().out.splitlines()] == ["api"]
    after = json.loads((tmp_path / "out/manifest.json").read_text())["functions"]
    assert {name for name in after if after[name] != before[name]} == {"api"}
    assert not (tmp_path / "out" / before["api"]["path"]).exists()


@pytest.mark.parametrize("out", ["shared", "other"])
def test_no_build_starts_while_another_one_may_prune_what_it_would_use(
    out: str, source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("build.__main__.DEFAULT_OUT", tmp_path / "shared")
    (tmp_path / "shared").mkdir()
    second = Thread(target=build, args=([],), kwargs={"source": source, "out": tmp_path / out})
    with (tmp_path / "shared" / LOCK).open("w") as first:
        fcntl.flock(first, fcntl.LOCK_EX)
        second.start()
        second.join(0.3)
        assert second.is_alive()
        assert not (tmp_path / out / "manifest.json").exists()
    second.join(10)
    assert (tmp_path / out / "manifest.json").exists()


def test_a_failure_is_told_in_words_and_keeps_the_manifest(
    source: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    command = ["--only", "functions", "--source", str(source), "--out", str(tmp_path / "out")]
    assert main(command) == 0
    before = (tmp_path / "out/manifest.json").read_text()
    (source / "lambdas/webhook/handler.py").write_text("def handler(:\n")
    assert main(command) == 1
    said = capsys.readouterr().err
    assert "Compiling to bytecode failed" in said
    assert "Correct the syntax error below" in said
    assert (tmp_path / "out/manifest.json").read_text() == before


def test_a_missing_tool_is_an_error_with_its_remedy() -> None:
    with pytest.raises(BuildError, match=r"Sorting failed: no-such-tool cannot be started .* Install it"):
        tools.run(["no-such-tool"], what="Sorting", remedy="Install it.")
