"""Production as the rules read it."""

import pytest

from policy.assembly import readings
from policy.model import Environment, WrittenStack


@pytest.fixture(scope="session")
def prod(production: list[WrittenStack]) -> Environment:
    (environment,) = readings(production)
    return environment
