"""One synthesized stage per environment, shared by the whole session."""

from collections.abc import Callable
from dataclasses import replace
from functools import cache

import pytest

from flux_infra.config import Datadog, Domain, Tracing
from flux_infra.constructs.artifacts import BuiltArtifacts
from flux_infra.environments import PROD, environments
from tests.infra.placeholders import write_placeholders
from tests.infra.templates import Templates


@pytest.fixture(scope="session")
def artifacts(tmp_path_factory: pytest.TempPathFactory) -> BuiltArtifacts:
    return write_placeholders(tmp_path_factory.mktemp("artifacts"))


@pytest.fixture(scope="session")
def synthesized(artifacts: BuiltArtifacts, tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Templates]:
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


# Production with its metrics sent to Datadog, and the traces of some functions besides.
DATADOG = Datadog(
    site="datadoghq.eu",
    key_secret=f"arn:aws:secretsmanager:{PROD.region}:{PROD.account}:secret:flux/datadog-AbCdEf",
    external_id="0123456789abcdef0123456789abcdef",
)
TRACING = Tracing(
    functions=("api", "sync", "authorizer"),
    extension_layer=f"arn:aws:lambda:{PROD.region}:{PROD.account}:layer:Datadog-Extension:103",
    key_secret=f"arn:aws:secretsmanager:{PROD.region}:{PROD.account}:secret:flux/datadog-traces-GhIjKl",
)
WITH_DATADOG = replace(PROD, datadog=DATADOG)
TRACED = replace(PROD, datadog=replace(DATADOG, tracing=TRACING))

DOMAIN = Domain(name="app.flux.example", zone_name="flux.example", zone_id="Z0123456789ABCDEFGHIJ")


@pytest.fixture(scope="session")
def owner(artifacts: BuiltArtifacts, tmp_path_factory: pytest.TempPathFactory) -> Templates:
    """Production under a name of our own, in a zone of ours."""
    outdir = tmp_path_factory.mktemp("owner")
    return Templates.synthesize(replace(PROD, domain=DOMAIN), artifacts=artifacts, outdir=outdir)


@pytest.fixture(scope="session")
def next_release(tmp_path_factory: pytest.TempPathFactory) -> Templates:
    """Production with other functions and another model."""
    newer = write_placeholders(tmp_path_factory.mktemp("newer"), release="2")
    return Templates.synthesize(PROD, artifacts=newer, outdir=tmp_path_factory.mktemp("next_release"))


@pytest.fixture(scope="session", params=[config.name for config in environments()])
def environment(request: pytest.FixtureRequest, synthesized: Callable[[str], Templates]) -> Templates:
    """Every environment in turn, for what must hold in all of them."""
    return synthesized(str(request.param))


@pytest.fixture(scope="session", params=[c.name for c in environments() if c.network.interface_endpoints is True])
def inside(request: pytest.FixtureRequest, synthesized: Callable[[str], Templates]) -> Templates:
    """Every environment in turn that reaches AWS's services inside its VPC."""
    return synthesized(str(request.param))
