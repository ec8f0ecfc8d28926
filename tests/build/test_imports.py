"""A bundle is imported whole when it is built: nothing of it fails for lack of something in the middle of a request."""

import platform
import sys
from pathlib import Path

import pytest

from build.__main__ import main
from build.errors import BuildError
from build.imports import refuse_missing

pytestmark = pytest.mark.skipif(
    (sys.platform, platform.machine()) != ("linux", "x86_64"), reason="Lambda's own platform alone can load a bundle"
)


def judge(folder: Path, **modules: str) -> None:
    for name in ("webhook", "flux_core"):
        (folder / name).mkdir(parents=True, exist_ok=True)
        (folder / name / "__init__.py").touch()
    for name, text in modules.items():
        (folder / f"{name.replace('__', '/')}.py").write_text(text)
    refuse_missing("webhook", folder, packages=("webhook",), shared="flux_core")


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("import httpx", "webhook.handler: ModuleNotFoundError: No module named 'httpx'"),
        ("def page():\n    import httpx", "webhook/handler.py, line 2: ModuleNotFoundError: No module named 'httpx'"),
        ("def page():\n    from httpx import get", "line 2: ModuleNotFoundError: No module named 'httpx'"),
        ("def page():\n    __import__('httpx')", "line 2: ModuleNotFoundError: No module named 'httpx'"),
        (
            "import importlib\ndef page():\n    importlib.import_module('httpx')",
            "line 3: ModuleNotFoundError: No module named 'httpx'",
        ),
        ("def page():\n    from .pages import Page", "line 2: ModuleNotFoundError: No module named 'webhook.pages'"),
        ("def page():\n    from json import jumps", "line 2: cannot import name 'jumps' from 'json'"),
        ("def page(sdk):\n    sdk.client('dynamodb')", "line 2: the AWS service 'dynamodb' is not described"),
        ("import os\nos.environ['A_SETTING']", "webhook.handler: KeyError: 'A_SETTING'"),
    ],
)
def test_what_a_bundle_lacks_is_named_in_one_line_though_only_a_late_request_would_ask_for_it(
    tmp_path: Path, text: str, reason: str
) -> None:
    with pytest.raises(BuildError) as refused:
        judge(tmp_path, webhook__handler=text)
    message = str(refused.value)
    assert message.startswith("The bundle of webhook is not whole: ")
    assert reason in message
    assert "\n" not in message


def test_modules_that_nothing_imports_at_first_and_what_they_use_of_the_shared_package_are_looked_through(
    tmp_path: Path,
) -> None:
    with pytest.raises(BuildError, match=r"flux_core/cache.py, line 2: .* 'httpx'"):
        judge(
            tmp_path,
            webhook__handler="",
            webhook__late="def late():\n    from flux_core import cache",
            flux_core__cache="def connect():\n    import httpx",
        )


def test_what_a_function_does_not_use_of_the_shared_package_may_need_what_its_bundle_lacks(tmp_path: Path) -> None:
    judge(tmp_path, webhook__handler="from flux_core import logs", flux_core__logs="", flux_core__cache="import httpx")


def test_what_only_a_type_checker_reads_may_be_missing(tmp_path: Path) -> None:
    judge(tmp_path, webhook__handler="from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    import httpx")


def test_a_build_of_a_bundle_that_lacks_something_fails_with_that_line(
    source: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (source / "lambdas/api/handler.py").write_text("def handler():\n    import httpx\n")
    assert main(["--only", "functions", "--source", str(source), "--out", str(tmp_path / "out")]) == 1
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith("build: The bundle of api is not whole: api/handler.py, line 2: ")
    assert not (tmp_path / "out/manifest.json").exists()
