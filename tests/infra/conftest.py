"""One synthesized stage per environment, shared by the whole session."""

from collections.abc import Callable
from functools import cache

import pytest

from flux_infra.environments import environments
from tests.infra.placeholder_artifacts import PlaceholderArtifacts
from tests.infra.templates import Templates


@pytest.fixture(scope="session")
def artifacts(tmp_path_factory: pytest.TempPathFactory) -> PlaceholderArtifacts:
    return PlaceholderArtifacts.in_folder(tmp_path_factory.mktemp("artifacts"))


@pytest.fixture(scope="session")
def synthesized(
    artifacts: PlaceholderArtifacts, tmp_path_factory: pytest.TempPathFactory
) -> Callable[[str], Templates]:
    """Return how to have an environment's templates by its name; each is synthesized once."""
    configs = {config.name: config for config in environments()}

    @cache
    def synthesize(name: str) -> Templates:
        return Templates.synthesize(configs[name], artifacts=artifacts, outdir=tmp_path_factory.mktemp(name))

    return synthesize


@pytest.fixture(scope="session")
def local(synthesized: Callable[[str], Templates]) -> Templates:
    return synthesized("local")


@pytest.fixture(scope="session")
def dev(synthesized: Callable[[str], Templates]) -> Templates:
    return synthesized("dev")


@pytest.fixture(scope="session")
def staging(synthesized: Callable[[str], Templates]) -> Templates:
    return synthesized("staging")


@pytest.fixture(scope="session")
def prod(synthesized: Callable[[str], Templates]) -> Templates:
    return synthesized("prod")


@pytest.fixture(scope="session", params=[config.name for config in environments()])
def environment(request: pytest.FixtureRequest, synthesized: Callable[[str], Templates]) -> Templates:
    """Every environment in turn, for what must hold in all of them."""
    return synthesized(str(request.param))
