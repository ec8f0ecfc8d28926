"""Which environment a workflow publishes to."""

import pytest

from flux_infra.config import ConfigError
from flux_infra.environments import DEV, PROD
from ops.publish import find


def test_an_environment_is_found_by_its_name() -> None:
    assert find("prod") == PROD


def test_a_preview_is_found_as_devs_image() -> None:
    assert find("pr-12") == DEV.named("pr-12")


@pytest.mark.parametrize("name", ["", "production", "pr-", "pr-x", "../prod"])
def test_another_name_is_refused(name: str) -> None:
    with pytest.raises(ConfigError):
        find(name)
