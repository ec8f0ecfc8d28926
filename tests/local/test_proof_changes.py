"""The releases that the proof makes: each is a change to the functions as they are today."""

import pytest

from local import machine
from local.proof.bad_changes import BAD_RELEASES
from local.proof.changes import GOOD, GOOD_WEBHOOK, GOOD_WORKER, Change


@pytest.mark.parametrize("change", [GOOD, GOOD_WEBHOOK, GOOD_WORKER, *BAD_RELEASES], ids=lambda change: change.name)
def test_a_change_finds_its_place_in_todays_code(change: Change) -> None:
    assert (machine.ROOT / change.file).read_text().count(change.before) == 1
