"""docs/patched.md names exactly the symbols of ministack that the code replaces."""

import ast
import importlib
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import local_aws

PACKAGE = Path(local_aws.__file__).parent
PAGE = Path(__file__).parents[1] / "docs" / "patched.md"


def targets(statement: ast.stmt) -> Iterator[tuple[str, str]]:
    """Name and attribute of what is assigned to: `rds._tags = ...`, or `rds._tags["a"] = ...`."""
    for target in statement.targets if isinstance(statement, ast.Assign) else ():
        for one in target.elts if isinstance(target, ast.Tuple) else (target,):
            held = one.value if isinstance(one, ast.Subscript) else one
            if isinstance(held, ast.Attribute) and isinstance(held.value, ast.Name):
                yield held.value.id, held.attr


def replaced(path: Path) -> set[str]:
    """The symbols of ministack that a module assigns to, other than its records, which are in lower case."""
    tree = ast.parse(path.read_text())
    modules = {
        name.asname or name.name: f"{node.module}.{name.name}"
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("ministack")
        for name in node.names
    }
    return {
        f"{modules[name]}.{symbol}"
        for node in ast.walk(tree)
        if isinstance(node, ast.stmt)
        for name, symbol in targets(node)
        if name in modules and (symbol.isupper() or callable(getattr(importlib.import_module(modules[name]), symbol)))
    }


MODULES = sorted(path for path in PACKAGE.glob("*.py") if path.stem != "__main__")


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.stem)
def test_what_a_module_replaces_is_on_the_page_with_reason_and_end(path: Path) -> None:
    rows = re.findall(r"^\| `([\w.]+)` \| `(\w+)` \| .+ \| .+ \|$", PAGE.read_text(), re.MULTILINE)
    assert {f"ministack.{symbol}" for symbol, module in rows if module == path.stem} == replaced(path)


def test_what_is_replaced_is_checked_before_the_start() -> None:
    modules = [importlib.import_module(f"local_aws.{path.stem}") for path in MODULES]
    declared = {
        f"{expectation.module}.{expectation.symbol}"
        for module in modules
        for expectation in getattr(module, "EXPECTATIONS", ())
        if expectation.replaced
    }
    assert declared == set().union(*(replaced(path) for path in MODULES))
