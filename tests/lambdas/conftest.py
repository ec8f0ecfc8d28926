import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from flux_core.secrets import Secrets
from migrate.migration import Migration
from migrate.settings import MigrateSettings

from .support.platform import Platform, furnish, running_platform


@pytest.fixture(scope="package")
def platform() -> Iterator[Platform]:
    """The servers, the environment that leads to them, and a database at the newest revision."""
    # Not pytest's tmp_path: PostgreSQL does not run as root, and must be able to go there.
    folder = Path(tempfile.mkdtemp(prefix="flux-lambdas-", dir="/var/tmp"))
    folder.chmod(0o711)
    try:
        with running_platform(folder) as platform, pytest.MonkeyPatch.context() as patch:
            for name in [name for name in os.environ if name.startswith(("AWS_", "PG"))]:
                patch.delenv(name)
            for name, value in platform.environment.items():
                patch.setenv(name, value)
            for name, value in furnish(platform).items():
                patch.setenv(name, value)
            patch.setenv("FUNCTIONS_DATABASE_SECRET", "database/functions")
            patch.setenv("MIGRATIONS_HASH", "hash")
            settings = MigrateSettings.load().model_copy(update={"database_secret": "database/owner"})
            Migration(settings, Secrets(platform.secrets)).upgrade(request_id="tests")
            yield platform
    finally:
        shutil.rmtree(folder)
