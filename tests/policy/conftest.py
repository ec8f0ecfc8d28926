"""Every environment, written once as the CDK CLI has it written: by app.py, its packs and its ledger, and validated."""

from pathlib import Path

import pytest

from policy.assembly import read_stage, readings
from policy.model import Environment, WrittenStack

from .listing import Listing


@pytest.fixture(scope="session")
def listing(tmp_path_factory: pytest.TempPathFactory) -> Listing:
    return Listing.make(tmp_path_factory.mktemp("listing"), CDK_VALIDATION="true", PYTHONHASHSEED="1")


@pytest.fixture(scope="session")
def written(listing: Listing) -> Path:
    """All environments and a preview."""
    return listing.folder


@pytest.fixture(scope="session")
def production(written: Path) -> list[WrittenStack]:
    return read_stage(written / "assembly-Flux-prod")


@pytest.fixture(scope="session")
def prod(production: list[WrittenStack]) -> Environment:
    (environment,) = readings(production)
    return environment
