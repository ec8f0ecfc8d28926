"""What runbooks tell on-call to look at first can be looked at: each such command, as it stands there, answers here."""

import re
from pathlib import Path

import pytest

from local import runbooks
from tests.infra.test_runbooks import PAGES
from tests.system.conftest import Flux

# Not here: this machine's site has no hosted zone, and its DNSSEC no key.
ELSEWHERE = {"dnssec"}
# Nor is the site found under its own name, except by browsers.
NOT_HERE = "curl"

# What the reader takes from an answer before.
LOOKED_UP = {"key": r'"KmsMasterKeyId": "([^"]+)"'}


def first_look(page: Path) -> list[str]:
    """The commands between this heading and the next one."""
    _, _, after = page.read_text().partition("**First look.**")
    section = re.split(r"^\*\*", after, maxsplit=1, flags=re.MULTILINE)[0]
    return [command for command in runbooks.commands(section) if not command.startswith(NOT_HERE)]


LOOKS = [page for page in PAGES if page.stem not in ELSEWHERE and first_look(page)]


def test_most_pages_of_alarms_have_something_to_look_at_here() -> None:
    assert len(LOOKS) >= len(PAGES) - len(ELSEWHERE) - 3


@pytest.mark.parametrize("page", LOOKS, ids=lambda page: page.stem)
def test_what_a_runbook_looks_at_first_is_there(page: Path, flux: Flux) -> None:
    values = runbooks.outputs_of(flux.platform)
    for command in first_look(page):
        values |= runbooks.looked_up(runbooks.run(command, values), LOOKED_UP)
