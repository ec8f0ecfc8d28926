"""What `make tools` promises: it looks before it says done, on any npm, after any clone, and on a disk with room."""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from local.preflight import FREE_GIB

ROOT = Path(__file__).resolve().parents[2]


def program(folder: Path, name: str, script: str) -> None:
    (folder / name).write_text(f"#!/bin/sh\n{script}\n")
    (folder / name).chmod(0o755)


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A checkout with scripts/bootstrap, and on its PATH programs that do nothing and say that all went well."""
    (tmp_path / "scripts").mkdir()
    (tmp_path / "bin").mkdir()
    shutil.copy2(ROOT / "scripts" / "bootstrap", tmp_path / "scripts")
    shutil.copy2(ROOT / "package.json", tmp_path)
    for name in ("uv", "npm"):
        program(tmp_path / "bin", name, "exit 0")
    program(tmp_path / "bin", "node", "echo v24.9.0")
    return tmp_path


def bootstrap(checkout: Path) -> subprocess.CompletedProcess[str]:
    environment = {"PATH": f"{checkout / 'bin'}:{os.defpath}", "FLUX_PYTHON": sys.executable, "HOME": str(checkout)}
    return subprocess.run(
        [checkout / "scripts" / "bootstrap"], env=environment, capture_output=True, text=True, check=False
    )


@pytest.mark.parametrize("status", [0, 1])
def test_make_synth_shows_findings_and_leaves_out_the_list_of_all_stacks(tmp_path: Path, status: int) -> None:
    told = (
        "echo 'AwsSolutions-SQS4: no TLS' >&2; echo Successfully synthesized; echo 'Supply a stack id (Flux-dev/Api)'"
    )
    program(tmp_path, "cdk", f"{told}; exit {status}")
    shutil.copy2(ROOT / "Makefile", tmp_path)
    asked = ["make", "--silent", "--assume-old=build", "synth", f"PATH={tmp_path}:{os.defpath}"]
    done = subprocess.run(asked, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.stdout.splitlines() == ["AwsSolutions-SQS4: no TLS", "Successfully synthesized"]
    assert (done.returncode == 0) == (status == 0)


@pytest.mark.parametrize("node", [None, "exit 127", "echo v20.0.0"])
def test_an_npm_that_succeeds_without_installing_node_is_seen(checkout: Path, node: str | None) -> None:
    if node is not None:
        (checkout / "node_modules" / ".bin").mkdir(parents=True)
        program(checkout / "node_modules" / ".bin", "node", node)
    done = bootstrap(checkout)
    assert done.returncode == 1
    assert "npm config get ignore-scripts" in done.stderr
    assert not (checkout / ".build" / "bootstrapped").exists()


def test_the_pinned_node_that_runs_is_what_it_looks_for(checkout: Path) -> None:
    (checkout / "node_modules" / ".bin").mkdir(parents=True)
    program(checkout / "node_modules" / ".bin", "node", "echo v24.9.0")
    assert bootstrap(checkout).returncode == 0
    assert (checkout / ".build" / "bootstrapped").exists()


def test_every_package_with_an_install_script_is_allowed_to_run_it_and_no_other() -> None:
    """npm 12 runs the scripts of dependencies only where package.json allows it ("allowScripts")."""
    for folder in (ROOT, ROOT / "web", ROOT / "bench", ROOT / "docs" / "generate"):
        packages = json.loads((folder / "package-lock.json").read_text())["packages"]
        scripted = {
            path.rpartition("node_modules/")[2] for path, body in packages.items() if body.get("hasInstallScript")
        }
        allowed = json.loads((folder / "package.json").read_text()).get("allowScripts", {})
        assert set(allowed) == scripted, folder


def test_a_disk_that_is_nearly_full_is_told_before_anything_is_installed(checkout: Path) -> None:
    program(checkout / "bin", "df", "printf 'Filesystem 1024-blocks Used Available\\nx 9 9 2097152\\n'")
    done = bootstrap(checkout)
    assert done.returncode == 1
    assert "2 GB are free" in done.stderr
    assert "5 GB are needed" in done.stderr


def test_the_readme_says_how_much_room_it_takes() -> None:
    (asked,) = re.findall(r"echo (\d+)\) #", (ROOT / "scripts" / "bootstrap").read_text())
    assert f"{asked} GB of free disk" in (ROOT / "README.md").read_text()
    assert int(asked) > FREE_GIB


def test_what_was_removed_is_installed_again() -> None:
    def tools(*variables: str) -> str:
        command = ["make", "--dry-run", "--no-print-directory", "--silent", "tools", *variables]
        clean = {name: value for name, value in os.environ.items() if not name.startswith(("MAKE", "MFLAGS"))}
        return subprocess.run(command, cwd=ROOT, env=clean, capture_output=True, text=True, check=True).stdout

    assert "scripts/bootstrap" in tools("INSTALLED=node_modules/.bin/none")
    assert "scripts/bootstrap" not in tools()


def test_a_clone_that_would_rewrite_line_endings_is_the_same_to_the_byte(tmp_path: Path) -> None:
    """Scripts would not start (`env: 'bash\\r'`), and bundles are named by the hash of the files they are made from."""
    clone = tmp_path / "clone"
    options = ["-c", "core.autocrlf=true", "-c", "core.eol=crlf"]
    subprocess.run(["git", *options, "clone", "--quiet", *options, str(ROOT), str(clone)], check=True)
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=clone, capture_output=True, text=True, check=True).stdout
    for name in filter(None, listed.split("\0")):
        original = subprocess.run(["git", "show", f"HEAD:{name}"], cwd=clone, capture_output=True, check=True).stdout
        assert (clone / name).read_bytes() == original, name


def test_every_lock_file_and_every_workflow_is_kept_up_to_date_by_somebody() -> None:
    updates = yaml.safe_load((ROOT / ".github" / "dependabot.yml").read_text())["updates"]
    covered = {
        (update["package-ecosystem"], folder.strip("/") or ".")
        for update in updates
        for folder in update.get("directories", [update.get("directory")])
    }
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout.split()
    kinds = {"package-lock.json": "npm", "uv.lock": "uv"}
    wanted = {(kinds[Path(name).name], str(Path(name).parent)) for name in listed if Path(name).name in kinds}
    assert covered == wanted | {("github-actions", ".")}
