import signal
from collections.abc import Callable, Iterator

import pytest

from local import __main__
from tests.support.emulator import running
from tests.support.stacks import CloudFormation

type Make = Callable[[str], int]


@pytest.fixture(scope="session")
def cloudformation() -> Iterator[CloudFormation]:
    with running() as aws:
        yield CloudFormation.of(aws)


@pytest.fixture
def make() -> Iterator[Make]:
    """What `make up` and the like run, in this process; its exit status."""
    handlers = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)}
    yield lambda command: __main__.main([command])
    for number, handler in handlers.items():
        signal.signal(number, handler)
