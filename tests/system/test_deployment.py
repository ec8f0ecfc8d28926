"""What a second look at the deployed local AWS must say."""

from flux_infra.local import machine
from flux_infra.local.toolkit import Assembly
from tests.system.conftest import Flux


def test_nothing_differs_between_what_is_deployed_and_what_is_synthesized(flux: Flux) -> None:
    assert flux.platform.outputs["Frontend.SiteUrl"].startswith("https://")
    assert Assembly(folder=machine.ASSEMBLY).difference() is None
