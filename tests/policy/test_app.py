"""What app.py is for the CDK CLI."""

from pathlib import Path

import pytest

from flux_infra.environments import environments
from tests.infra.templates import LAYERS

from .listing import Listing


def test_every_environment_is_listed_with_seven_stacks_and_a_preview_joins_them(listing: Listing) -> None:
    layers = [name.capitalize() for name in LAYERS]
    standing = [config.name for config in environments()]

    assert [s for s in listing.names if "pr-7" not in s] == [f"Flux-{e}/{layer}" for e in standing for layer in layers]
    assert [s for s in listing.names if "pr-7" in s] == [f"Flux-pr-7/{layer}" for layer in layers]


@pytest.mark.slow
def test_two_processes_synthesize_every_file_alike_to_the_byte(listing: Listing, tmp_path: Path) -> None:
    # Another seed is another order of every set and dictionary of strings that is not sorted.
    again = Listing.make(tmp_path, CDK_VALIDATION="false", PYTHONHASHSEED="2")

    def files(folder: Path) -> dict[str, bytes]:
        # Not the metadata files: jsii names its kernel's temporary folder in their stack traces, and nothing reads them
        # when a stack is deployed.
        found = (f for f in folder.rglob("*") if f.is_file() and not f.name.endswith(".metadata.json"))
        return {str(f.relative_to(folder)): f.read_bytes() for f in found}

    first, second = files(listing.folder), files(again.folder)
    assert first.keys() - second.keys() == {"acknowledged.json", "validation-report.json"}  # the first was validated
    assert [name for name in second if first.get(name) != second[name]] == []
    assert sum(name.endswith(".template.json") for name in second) == 35
