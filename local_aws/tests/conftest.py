"""One server for all tests."""

from collections.abc import Iterator

import pytest

from .emulator import running
from .stacks import CloudFormation


@pytest.fixture(scope="session")
def cloudformation() -> Iterator[CloudFormation]:
    with running() as aws:
        yield CloudFormation.of(aws)
