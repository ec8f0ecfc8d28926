"""docs/patched.md names exactly the symbols of ministack that the code replaces, ministack.txt all that it touches."""

import ast
import importlib
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import local_aws
from local_aws.expectations import LIST, described

PACKAGE = Path(local_aws.__file__).parent
PAGE = Path(__file__).parents[1] / "docs" / "patched.md"


def targets(statement: ast.stmt) -> Iterator[tuple[str, str]]:
    """Name and attribute of what is assigned to: `rds._tags = ...`, or `rds._tags["a"] = ...`."""
    for target in statement.targets if isinstance(statement, ast.Assign) else ():
        for one in target.elts if isinstance(target, ast.Tuple) else (target,):
            held = one.value if isinstance(one, ast.Subscript) else one
            if isinstance(held, ast.Attribute) and isinstance(held.value, ast.Name):
                yield held.value.id, held.attr


def imports(tree: ast.Module) -> Iterator[tuple[str, str, str]]:
    """What a module imports of ministack: its own name for it, the module, and the name there."""
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("ministack"):
            for name in node.names:
                yield name.asname or name.name, str(node.module), name.name


def modules(tree: ast.Module) -> dict[str, str]:
    """The modules of ministack that a module imports, by its own name for each."""
    return {own: f"{module}.{name}" for own, module, name in imports(tree) if is_module(f"{module}.{name}")}


def is_module(name: str) -> bool:
    try:
        importlib.import_module(name)
    except ModuleNotFoundError:
        return False
    return True


def replaced(path: Path) -> set[str]:
    """The symbols of ministack that a module assigns to, other than its records, which are in lower case."""
    tree = ast.parse(path.read_text())
    known = modules(tree)
    return {
        f"{known[name]}.{symbol}"
        for node in ast.walk(tree)
        if isinstance(node, ast.stmt)
        for name, symbol in targets(node)
        if name in known and (symbol.isupper() or callable(getattr(importlib.import_module(known[name]), symbol)))
    }


def touched(path: Path) -> set[tuple[str, str]]:
    """Module and name of every symbol of ministack that a module imports, reads, calls or assigns to."""
    tree = ast.parse(path.read_text())
    known = modules(tree)
    imported = {(module, name) for own, module, name in imports(tree) if own not in known}
    return imported | {
        (known[node.value.id], node.attr)
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id in known
    }


MODULES = sorted(path for path in PACKAGE.glob("*.py") if path.stem != "__main__")


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.stem)
def test_what_a_module_replaces_is_on_the_page_with_reason_and_end(path: Path) -> None:
    rows = re.findall(r"^\| `([\w.]+)` \| `(\w+)` \| .+ \| .+ \|$", PAGE.read_text(), re.MULTILINE)
    assert {f"ministack.{symbol}" for symbol, module in rows if module == path.stem} == replaced(path)


def test_what_is_checked_before_the_start_is_all_that_the_code_touches() -> None:
    found = set().union(*(touched(path) for path in PACKAGE.rglob("*.py")))
    assert LIST.read_text().splitlines() == sorted(described(module, name) for module, name in found)
