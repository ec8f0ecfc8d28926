"""Which environment variables a function's code reads: what its Settings declare, read without importing them.

lambdas/<package>/settings.py imports pydantic and boto3, which synthesis does not install; so its classes are parsed.
"""

import ast
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

LAMBDAS = Path(__file__).parents[2] / "lambdas"
_ROOT, _DATABASE = "Settings", "DatabaseSettings"

# Read by libraries themselves, so no Settings declare them. PG...: by libpq, where the function uses the database.
LIBRARY_VARIABLES = frozenset({"POWERTOOLS_SERVICE_NAME"})
LIBPQ_VARIABLES = frozenset({"PGSSLMODE", "PGSSLROOTCERT"})


@dataclass(frozen=True, kw_only=True)
class DeclaredSettings:
    """One Settings class of a function.

    required, optional: environment variables, in capitals. database: whether it logs in to PostgreSQL.
    """

    required: frozenset[str]
    optional: frozenset[str]
    database: bool

    def problems(self, given: frozenset[str]) -> Iterator[str]:
        """Yield a sentence for each variable that is missing, or given though nothing reads it."""
        for name in sorted(self.required - given):
            yield f"{name} is not set; set it where flux_infra builds the function, or give the field a default"
        known = self.required | self.optional | LIBRARY_VARIABLES | (LIBPQ_VARIABLES if self.database else frozenset())
        for name in sorted(given - known):
            yield f"{name} is set, but its Settings do not declare it; declare the field {name.lower()}, or remove it"


@dataclass(frozen=True, kw_only=True)
class _Class:
    bases: tuple[str, ...]
    required: frozenset[str]
    optional: frozenset[str]


def declared_settings(package: str, name: str | None = None) -> DeclaredSettings:
    """Return what a function's Settings declare.

    package: under lambdas/. name: of the class, where the package has several; otherwise it has one.

    Raises:
        LookupError: the package has no such class.
    """
    own, shared = read_classes(package), read_classes("flux_core")
    found = name or (next(iter(own)) if len(own) == 1 else "")
    if found not in own:
        raise LookupError(
            f"lambdas/{package}/settings.py: expected {f'class {name}' if name else 'one Settings class'}, "
            f"found {', '.join(own) or 'none'}"
        )
    lineage = list(_lineage(found, {**shared, **own}))
    return DeclaredSettings(
        required=frozenset(field for _, each in lineage for field in each.required),
        optional=frozenset(field for _, each in lineage for field in each.optional),
        database=any(ancestor == _DATABASE for ancestor, _ in lineage),
    )


def uses_database(package: str) -> bool:
    """Whether a function with this package, or one of them, logs in to PostgreSQL."""
    return any(declared_settings(package, name).database for name in read_classes(package))


def _lineage(name: str, classes: Mapping[str, _Class]) -> Iterator[tuple[str, _Class]]:
    yield name, classes[name]
    for base in classes[name].bases:
        if base in classes:
            yield from _lineage(base, classes)


@cache
def read_classes(package: str) -> Mapping[str, _Class]:
    """Return the Settings classes of a package's own settings.py, by name; none where there is no such file."""
    path = LAMBDAS / package / "settings.py"
    tree = ast.parse(path.read_text()) if path.exists() else ast.Module(body=[], type_ignores=[])
    return {
        node.name: _parse(node) for node in tree.body if isinstance(node, ast.ClassDef) and node.name.endswith(_ROOT)
    }


def _parse(node: ast.ClassDef) -> _Class:
    fields = {
        statement.target.id.upper(): statement.value is not None
        for statement in node.body
        if isinstance(statement, ast.AnnAssign) and isinstance(statement.target, ast.Name)
    }
    return _Class(
        bases=tuple(base.id for base in node.bases if isinstance(base, ast.Name)),
        required=frozenset(field for field, default in fields.items() if not default),
        optional=frozenset(field for field, default in fields.items() if default),
    )
