from pathlib import Path

import pytest

from build.bundles import FUNCTIONS


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """A folder with a `lambdas/` whose functions do next to nothing."""
    names = {package for function in FUNCTIONS for package in function.packages}
    for name in sorted(names):
        package = tmp_path / "source" / "lambdas" / name
        package.mkdir(parents=True)
        (package / "__init__.py").touch()
        (package / "handler.py").write_text(f'"""{name}."""\n\n\ndef handler() -> str:\n    return "{name}"\n')
    return tmp_path / "source"
