"""What this package relies on inside ministack, checked before anything is patched.

It replaces private functions and reads private tables of one exact release of ministack. `ministack.txt` lists each of
them, functions with the names of their parameters; a symbol that has moved or changed them is then a refusal to start
with an explanation, and never an emulator that quietly behaves like the unpatched one. A test derives the list from the
code.
"""

import importlib
import inspect
from collections.abc import Iterable
from importlib import metadata
from pathlib import Path

MINISTACK_VERSION = "1.5.33"
"""The only release that the patches were written against; also pinned in pyproject.toml."""

LIST = Path(__file__).with_name("ministack.txt")


class StartError(Exception):
    """The server cannot start; the message says what was expected, what was found and what to do."""


def described(module: str, symbol: str) -> str:
    """The line of the list for what is there: `ministack.services.rds:_p(params, key, default)`, or without brackets.

    Raises:
        ImportError: there is no such module.
        AttributeError: it has no such name.
    """
    found: object = getattr(importlib.import_module(module), symbol)
    if not inspect.isfunction(found):
        return f"{module}:{symbol}"
    return f"{module}:{symbol}({', '.join(inspect.signature(found).parameters)})"


def _failure(expected: str) -> str | None:
    """Why ministack does not meet a line of the list, or None if it does."""
    module, _, symbol = expected.partition("(")[0].partition(":")
    name = f"{module}.{symbol}"
    try:
        found = described(module, symbol)
    except ImportError as error:
        return f"{name}: expected the module {module}, but importing it failed: {error}"
    except AttributeError:
        return f"{name}: expected this name to exist, but it is not there"
    return None if found == expected else f"{name}: expected {expected}, found {found}"


def check_version(expected: str = MINISTACK_VERSION) -> None:
    """Refuse any ministack but the one that the patches were written against.

    Raises:
        StartError: another version, or none, is installed.
    """
    try:
        found = metadata.version("ministack")
    except metadata.PackageNotFoundError:
        found = "not installed"
    if found != expected:
        raise StartError(
            f"ministack: expected exactly {expected}, found {found}. Private functions of that release are patched. "
            "Install local-aws[server] as its uv.lock says. To move to another release, review every patch in "
            "docs/patched.md and change MINISTACK_VERSION and the pin in pyproject.toml together."
        )


def check(expected: Iterable[str]) -> None:
    """Refuse to start unless ministack meets every line of the list; report all that it does not.

    Raises:
        StartError: at least one symbol is missing or has other parameters.
    """
    failures = [failure for line in expected if (failure := _failure(line)) is not None]
    if failures:
        listed = "\n".join(f"  - {failure}" for failure in failures)
        raise StartError(
            f"ministack {MINISTACK_VERSION} is not what the patches expect:\n{listed}\n"
            "Install local-aws[server] again as its uv.lock says; if that does not help, correct the module that uses "
            "the symbol, and ministack.txt."
        )
