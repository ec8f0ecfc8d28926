"""The functions' bundles: what Lambda unpacks into /var/task, one folder per function."""

import shutil
import tomllib
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path

from flux_infra import config
from flux_infra.config.function_settings import uses_database
from flux_infra.environments import environments

from . import certificates, dependencies, imports, tools
from .errors import BuildError
from .inputs import files, hash_inputs
from .store import Store, link_tree

# Lambda's quota "Deployment package (.zip file archive) size": 250 MB unzipped, bytes.
LARGEST_BUNDLE = 250 * 1024 * 1024

# The package that is in every bundle. A bundle has the dependencies of those of its modules that the function uses.
SHARED = "flux_core"

# What decides how a bundle looks, besides its sources: a change here is a change of every bundle.
RECIPE = [
    *(Path(str(module.__file__)) for module in (certificates, dependencies, imports)),
    Path(__file__),
    imports.SCRIPT,
]


@dataclass(frozen=True, kw_only=True)
class Function:
    """What goes into one function's bundle.

    name: its package under lambdas/.
    database: it connects to PostgreSQL, so it carries RDS's certificate authorities as rds-ca.pem.
    migrations: it carries the Alembic scripts.
    traced: an environment traces it, so it carries Datadog's library. It has one bundle, the same everywhere.
    groups: its dependency groups in pyproject.toml: `fn-<name>`, where there is one, adds to what all such have.
    """

    name: str
    database: bool = False
    migrations: bool = False
    traced: bool = False

    @property
    def groups(self) -> tuple[str, ...]:
        """See the class."""
        optional = {"fn-database": self.database, "fn-tracing": self.traced}
        groups = ("fn-core", *(name for name, has in optional.items() if has), f"fn-{self.name.replace('_', '-')}")
        return tuple(group for group in groups if group in _declared_groups())

    @property
    def packages(self) -> tuple[str, ...]:
        """The folders of lambdas/ in its bundle."""
        return (*self.own_packages, SHARED)

    @property
    def own_packages(self) -> tuple[str, ...]:
        """Those that are in its bundle alone."""
        return (self.name, *(["migrations"] if self.migrations else []))


@cache
def _declared_groups() -> frozenset[str]:
    return frozenset(tomllib.loads((tools.PROJECT / "pyproject.toml").read_text())["dependency-groups"])


FUNCTIONS = tuple(
    Function(
        name=name,
        database=uses_database(name),
        migrations=name == "migrate",
        traced=any(one.datadog is not None and one.datadog.traces(name) for one in environments()),
    )
    for name in config.FUNCTIONS
)


@dataclass(frozen=True, kw_only=True)
class Bundles:
    """Builds bundles.

    lambdas: the folder of the functions' packages.
    regions: where the functions run; whose database certificates they accept.
    shared: the store of installed dependencies, shared by bundles with equal requirements.
    """

    lambdas: Path
    regions: tuple[str, ...]
    shared: Store

    def inputs(self, function: Function, pinned: str) -> str:
        """The hash of everything that decides a bundle's content."""
        sources = [self.lambdas / package for package in function.packages]
        for source in sources:
            if not source.is_dir():
                raise BuildError(
                    f"Function {function.name} cannot be bundled: there is no {source.name}/ in {source.parent}. "
                    "The fields of Functions in flux_infra/config/functions.py are the folders' names."
                )
        authorities = [tools.PROJECT / "node_modules" / certificates.PACKAGE / "lib"] if function.database else []
        return hash_inputs(
            trees=[*sources, *RECIPE, *(tree for tree in authorities if tree.exists())],
            texts=[pinned, *(self.regions if function.database else ())],
        )

    def dependencies_path(self, pinned: str) -> str:
        """Where the installation of some requirements stands in the shared store."""
        return f"dependencies/{hash_inputs(trees=[Path(dependencies.__file__)], texts=[pinned])}"

    def build(self, function: Function, pinned: str, folder: Path) -> None:
        """Fill an empty folder with a function's bundle."""
        installed = self.dependencies_path(pinned)
        self.shared.obtain(installed, partial(dependencies.install, pinned))
        link_tree(self.shared.root / installed, folder)
        for package in function.packages:
            _copy_sources(self.lambdas / package, folder)
        dependencies.compile_python(folder, [folder / package for package in function.packages])
        if function.database:
            (folder / "rds-ca.pem").write_text(certificates.rds_authorities(self.regions))
        refuse_too_large(function.name, size(folder))
        imports.refuse_missing(function.name, folder, packages=function.own_packages, shared=SHARED)


def refuse_too_large(name: str, bundle_bytes: int) -> None:
    """Refuse now what Lambda would refuse in the middle of a deployment."""
    if bundle_bytes > LARGEST_BUNDLE:
        raise BuildError(
            f"The bundle of {name} has {bundle_bytes / 1e6:.0f} MB unzipped; "
            f"Lambda takes at most {LARGEST_BUNDLE / 1e6:.0f} MB. "
            "Remove dependencies from its groups in pyproject.toml: fn-core, fn-database, or the one of its name."
        )


def size(folder: Path) -> int:
    """Bytes in the files of a folder."""
    return sum((directory / name).stat().st_size for directory, _, names in folder.walk() for name in names)


def _copy_sources(package: Path, folder: Path) -> None:
    for file in files(package):
        target = folder / file.relative_to(package.parent)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(file, target)
