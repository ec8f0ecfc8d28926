"""One emulator for all tests of the overlay."""

from collections.abc import Iterator

import pytest

from .overlay_server import running
from .overlay_stacks import CloudFormation


@pytest.fixture(scope="session")
def cloudformation() -> Iterator[CloudFormation]:
    with running() as aws:
        yield CloudFormation.of(aws)
