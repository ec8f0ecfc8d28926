"""What this package relies on inside ministack, checked before anything is patched.

It replaces private functions and reads private tables of one exact release of ministack. A module declares each of
them in its `EXPECTATIONS`; a symbol that has moved or changed its parameters is then a refusal to start
with an explanation, and never an emulator that quietly behaves like the unpatched one.
"""

import importlib
import inspect
import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from importlib import metadata

MINISTACK_VERSION = "1.5.33"
"""The only release that the patches were written against; also pinned in pyproject.toml."""


class StartError(Exception):
    """The server cannot start; the message says what was expected, what was found and what to do."""


@dataclass(frozen=True, kw_only=True)
class Expectation:
    """One name inside ministack that a module replaces, reads or calls.

    module: the module that holds it, like `ministack.services.rds`.
    symbol: its name there; dots reach into classes, like `NodePool.start`.
    parameters: the names of its parameters if the module replaces it or calls it positionally; None: not checked.
    replaced: the module puts something else in its place; docs/patched.md says why.
    """

    module: str
    symbol: str
    parameters: tuple[str, ...] | None = None
    replaced: bool = False

    def failure(self) -> str | None:
        """Why ministack does not meet the expectation, or None if it does."""
        name = f"{self.module}.{self.symbol}"
        try:
            found: object = importlib.import_module(self.module)
        except ImportError as error:
            return f"{name}: expected the module {self.module}, but importing it failed: {error}"
        for part in self.symbol.split("."):
            if not hasattr(found, part):
                return f"{name}: expected this name to exist, but {part!r} is not there"
            found = getattr(found, part)
        if self.parameters is None:
            return None
        if not callable(found):
            return f"{name}: expected a function, found {type(found).__name__}"
        actual = tuple(inspect.signature(found).parameters)
        if actual != self.parameters:
            return f"{name}: expected parameters ({', '.join(self.parameters)}), found ({', '.join(actual)})"
        return None


_SYMBOL = re.compile(r"([\w.]+)(?:\(([^)]*)\))?")


def uses(module: str, *symbols: str) -> list[Expectation]:
    """What a module reads or calls: names, each followed by its parameters in brackets if they matter."""
    return [
        Expectation(
            module=module,
            symbol=found[1],
            parameters=None if found[2] is None else tuple(re.findall(r"\w+", found[2])),
        )
        for text in symbols
        for found in _SYMBOL.finditer(text)
    ]


def replaces(module: str, *symbols: str) -> list[Expectation]:
    """What a module puts something else in the place of; written as for `uses`."""
    return [replace(expectation, replaced=True) for expectation in uses(module, *symbols)]


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


def check(expectations: Iterable[Expectation]) -> None:
    """Refuse to start unless ministack meets every expectation; report all that it does not.

    Raises:
        StartError: at least one symbol is missing or has other parameters.
    """
    failures = [failure for expectation in expectations if (failure := expectation.failure()) is not None]
    if failures:
        listed = "\n".join(f"  - {failure}" for failure in failures)
        raise StartError(
            f"ministack {MINISTACK_VERSION} is not what the patches expect:\n{listed}\n"
            "Install local-aws[server] again as its uv.lock says; if that does not help, correct the module whose "
            "EXPECTATIONS name the symbol."
        )
