"""Run by a plain interpreter on one bundle: python -I -S -B import_whole.py BUNDLE PACKAGES SHARED UNRUN.

Imports every module of the bundle's own PACKAGES, then whatever any of their lines would import one day, in functions
too, and looks for the descriptions of the AWS services that they name. Of the packages that bundles SHARE, it follows
what is imported. Modules in UNRUN are read and not imported. Prints the first thing that is missing.
"""

import ast
import importlib
import sys
from collections.abc import Iterator
from pathlib import Path


class NotWholeError(Exception):
    """Something is missing; the message says what and where."""


def check(bundle: Path, *, packages: list[str], shared: list[str], unrun: list[str]) -> None:
    """Look for what is missing.

    Raises:
        NotWholeError: something is.
    """
    sys.path.insert(0, str(bundle))
    waiting = [
        _module(file.relative_to(bundle)) for package in packages for file in sorted((bundle / package).rglob("*.py"))
    ]
    seen: set[str] = set()
    while waiting:
        module = waiting.pop(0)
        if module in seen:
            continue
        seen.add(module)
        if module not in unrun:
            _import(module, f"{module}: ")
        waiting += [name for name in _look_through(bundle, module) if name.split(".")[0] in shared]


def _look_through(bundle: Path, module: str) -> Iterator[str]:
    """Require all that a module's lines import; names the modules that they reach."""
    path = bundle.joinpath(*module.split("."))
    is_package = path.is_dir()
    file = path / "__init__.py" if is_package else path.with_suffix(".py")
    tree = ast.parse(file.read_bytes())
    where = f"{file.relative_to(bundle)}, line "
    for line, name, member in _imports(tree, module, is_package=is_package):
        yield from _require(name, member, f"{where}{line}: ")
    for line, service in _services(tree):
        if not (bundle / "botocore" / "data" / service).is_dir():
            raise NotWholeError(f"{where}{line}: the AWS service {service!r} is not described in the bundle")


def _module(file: Path) -> str:
    parts = file.with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def _imports(tree: ast.AST, module: str, *, is_package: bool) -> Iterator[tuple[int, str, str | None]]:
    """Each import wherever it stands: line, module, and the member that is taken out of it."""
    for node in _executed(tree):
        match node:
            case ast.Import(names=names):
                yield from ((node.lineno, alias.name, None) for alias in names)
            case ast.ImportFrom(module=named, names=names, level=level):
                origin = _absolute(named or "", level, module, is_package=is_package)
                yield from ((node.lineno, origin, None if alias.name == "*" else alias.name) for alias in names)
            case (
                ast.Call(func=ast.Name(id="__import__" | "import_module"), args=[ast.Constant(value=str(named)), *_])
                | ast.Call(func=ast.Attribute(attr="import_module"), args=[ast.Constant(value=str(named)), *_])
            ):
                yield node.lineno, _absolute_dotted(named, module, is_package=is_package), None


def _services(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """The AWS services that clients are made for."""
    for node in _executed(tree):
        match node:
            case ast.Call(func=ast.Attribute(attr="client" | "resource"), args=[ast.Constant(value=str(service)), *_]):
                yield node.lineno, service


def _executed(tree: ast.AST) -> Iterator[ast.AST]:
    """Every node, but for what only a type checker reads."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.If) and ast.unparse(node.test) in ("TYPE_CHECKING", "typing.TYPE_CHECKING"):
            for other in node.orelse:
                yield other
                yield from _executed(other)
            continue
        yield node
        yield from _executed(node)


def _absolute(named: str, level: int, module: str, *, is_package: bool) -> str:
    if level == 0:
        return named
    package = module.split(".") if is_package else module.split(".")[:-1]
    return ".".join([*package[: len(package) - level + 1], *([named] if named else [])])


def _absolute_dotted(named: str, module: str, *, is_package: bool) -> str:
    name = named.lstrip(".")
    return _absolute(name, len(named) - len(name), module, is_package=is_package)


def _require(name: str, member: str | None, where: str) -> Iterator[str]:
    """Import the module, and find the member in it or beside it; names the modules that this reached."""
    _import(name, where)
    yield name
    if member is None:
        return
    submodule = f"{name}.{member}"
    if not hasattr(sys.modules[name], member):
        try:
            importlib.import_module(submodule)
        except ModuleNotFoundError:
            raise NotWholeError(f"{where}cannot import name {member!r} from {name!r}") from None
    if submodule in sys.modules:
        yield submodule


def _import(name: str, where: str) -> None:
    try:
        importlib.import_module(name)
    except Exception as error:
        reason = (str(error).splitlines() or ["no reason given"])[0]
        raise NotWholeError(f"{where}{type(error).__name__}: {reason}") from error


if __name__ == "__main__":
    own, followed, read = (each.split(",") for each in sys.argv[2:5])
    try:
        check(Path(sys.argv[1]), packages=own, shared=followed, unrun=read)
    except NotWholeError as found:
        print(found)  # noqa: T201 - its answer
