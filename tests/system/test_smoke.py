"""The smoke test of a deployment, on the deployed local AWS, through CloudFront."""

from ci.smoke import smoke
from local import machine
from probe.journey import CHECKS, Visitor
from tests.system.conftest import Flux


def test_the_smoke_test_of_a_deployment_passes(flux: Flux) -> None:
    said: list[str] = []

    visitor = Visitor(
        machine.AWS_URL, agent="flux-smoke-test", host=flux.platform.site_url.removeprefix("http://"), seconds=30
    )
    smoke(visitor, patience=60, pause=0.5, say=said.append)

    assert said == [f"smoke: {name}" for name in CHECKS]
