from collections.abc import Iterator

import pytest

from tests.support.emulator import running
from tests.support.stacks import CloudFormation


@pytest.fixture(scope="session")
def cloudformation() -> Iterator[CloudFormation]:
    with running() as aws:
        yield CloudFormation.of(aws)
