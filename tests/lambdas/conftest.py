import os
from collections.abc import Iterator

import pytest

from flux_core.secrets import Secrets
from migrate import handler as migrate
from migrate.migration import Migration
from migrate.settings import MigrateSettings

from .support.delays import skip_delays
from .support.instances import end_instances
from .support.platform import Platform, furnish, running_platform
from .support.restaurants import Restaurant, open_restaurant


@pytest.fixture(scope="package")
def platform() -> Iterator[Platform]:
    """The servers, the environment that leads to them, and a database at the newest revision."""
    with running_platform() as platform, pytest.MonkeyPatch.context() as patch:
        for name in [name for name in os.environ if name.startswith(("AWS_", "PG"))]:
            patch.delenv(name)
        for name, value in platform.environment.items():
            patch.setenv(name, value)
        for name, value in furnish(platform).items():
            patch.setenv(name, value)
        patch.setenv("FUNCTIONS_DATABASE_SECRET", "database/functions")
        patch.setenv("MIGRATIONS_HASH", "hash")
        skip_delays()
        settings = MigrateSettings.load().model_copy(update={"database_secret": "database/owner"})
        Migration(settings, Secrets(platform.secrets)).upgrade(request_id="tests")
        yield platform
        end_instances()


@pytest.fixture
def restaurant(platform: Platform) -> Restaurant:
    """One that nobody has opened before."""
    return open_restaurant(platform)


@pytest.fixture
def migrate_as_owner(platform: Platform, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Let the migrate function's handler log in as the schema's owner."""
    del platform
    with monkeypatch.context() as patch:
        patch.setenv("DATABASE_SECRET", "database/owner")
        migrate.migration.cache_clear()
        migrate.migration()
    yield
    migrate.migration.cache_clear()


@pytest.fixture(autouse=True)
def _empty_queues(request: pytest.FixtureRequest) -> Iterator[None]:
    """Leave no message of one test to the next."""
    yield
    if "platform" in request.fixturenames:
        platform: Platform = request.getfixturevalue("platform")
        for name in ("POS_SYNC_QUEUE_URL", "FORECAST_QUEUE_URL"):
            platform.drain(os.environ[name])
