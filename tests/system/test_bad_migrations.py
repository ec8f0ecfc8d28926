"""Bad database releases on the deployed local AWS: each is caught, and nothing has moved."""

from collections.abc import Callable

import pytest

from tests.system.bad_migrations import Attempt, attempt, transaction_on
from tests.system.conftest import Flux

SEASON = "ALTER TABLE menu_items ADD COLUMN season text"


def test_a_migration_that_fails_leaves_aliases_and_schema_where_they_were(
    flux: Flux, show: Callable[[str], None]
) -> None:
    failed = attempt(flux.platform, "failing", SEASON, "SELECT 1 / 0")
    assert "division by zero" in failed.reason
    assert "as before" in failed.reason
    nothing_moved(failed)
    show(figures("failing migration", failed))


@pytest.mark.long
def test_a_migration_that_cannot_get_its_lock_gives_up_before_users_notice(
    flux: Flux, show: Callable[[str], None]
) -> None:
    with transaction_on(flux.platform, "menu_items"):
        failed = attempt(flux.platform, "locking", SEASON)
    assert "lock timeout" in failed.reason
    nothing_moved(failed)
    show(figures("migration that locks", failed))


def nothing_moved(failed: Attempt) -> None:
    assert failed.stack == "UPDATE_ROLLBACK_COMPLETE"
    assert failed.after == failed.before
    assert len(failed.before.aliases) == 5
    assert failed.users.statuses.total() > 0
    assert failed.users.failed == 0, failed.users


def figures(name: str, failed: Attempt) -> str:
    total, slowest = failed.users.statuses.total(), failed.users.slowest
    return f"{name}: {failed.users.failed} of {total} user requests failed, the slowest took {slowest:.1f} s"
