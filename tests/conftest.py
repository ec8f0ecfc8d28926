"""Every environment, written once as the CDK CLI has it written: by app.py, its packs and its ledger, and validated."""

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from policy.assembly import read_stage
from policy.model import WrittenStack

if TYPE_CHECKING:
    from tests.policy.listing import Listing


@pytest.fixture(scope="session")
def listing() -> "Listing":
    from tests.policy.listing import Listing  # noqa: PLC0415 - it loads the CDK, without which most rooms do

    return Listing.kept()


@pytest.fixture(scope="session")
def written(listing: "Listing") -> Path:
    """All environments and a preview."""
    return listing.folder


@pytest.fixture(scope="session")
def production(written: Path) -> list[WrittenStack]:
    return read_stage(written / "assembly-Flux-prod")
