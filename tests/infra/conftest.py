"""One synthesized stage per environment, shared by the whole session."""

import pytest

from flux_infra.environments import DEV, LOCAL, PROD, STAGING
from tests.infra.placeholder_artifacts import PlaceholderArtifacts
from tests.infra.templates import Templates


@pytest.fixture(scope="session")
def artifacts(tmp_path_factory: pytest.TempPathFactory) -> PlaceholderArtifacts:
    return PlaceholderArtifacts.in_folder(tmp_path_factory.mktemp("artifacts"))


@pytest.fixture(scope="session")
def local(artifacts: PlaceholderArtifacts, tmp_path_factory: pytest.TempPathFactory) -> Templates:
    return Templates.synthesize(LOCAL, artifacts=artifacts, outdir=tmp_path_factory.mktemp("local"))


@pytest.fixture(scope="session")
def dev(artifacts: PlaceholderArtifacts, tmp_path_factory: pytest.TempPathFactory) -> Templates:
    return Templates.synthesize(DEV, artifacts=artifacts, outdir=tmp_path_factory.mktemp("dev"))


@pytest.fixture(scope="session")
def staging(artifacts: PlaceholderArtifacts, tmp_path_factory: pytest.TempPathFactory) -> Templates:
    return Templates.synthesize(STAGING, artifacts=artifacts, outdir=tmp_path_factory.mktemp("staging"))


@pytest.fixture(scope="session")
def prod(artifacts: PlaceholderArtifacts, tmp_path_factory: pytest.TempPathFactory) -> Templates:
    return Templates.synthesize(PROD, artifacts=artifacts, outdir=tmp_path_factory.mktemp("prod"))


@pytest.fixture(scope="session", params=["local", "dev", "staging", "prod"])
def environment(request: pytest.FixtureRequest) -> Templates:
    """Every environment in turn, for what must hold in all of them."""
    templates: Templates = request.getfixturevalue(request.param)
    return templates
