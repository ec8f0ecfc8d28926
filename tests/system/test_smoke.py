"""The smoke test of a deployment, on the deployed local AWS, through CloudFront."""

from ci.smoke import CHECKS, smoke
from tests.system.conftest import Flux


def test_the_smoke_test_of_a_deployment_passes(flux: Flux) -> None:
    said: list[str] = []

    with flux.platform.visitor() as visitor:
        smoke(visitor, patience=60, pause=0.5, say=said.append)

    assert said == [f"smoke: {name}" for name in CHECKS]
