"""What `make status` says first: where to look and to open the site, who may sign in, and whether it answers."""

import pytest

from local import machine
from local.demo import password_of
from local.status import status
from local.till import RESTAURANTS
from tests.system.conftest import Flux


def test_status_begins_with_the_page_to_look_at_the_site_the_logins_and_the_health(
    flux: Flux, capsys: pytest.CaptureFixture[str]
) -> None:
    status(outputs=False)
    turn, said = capsys.readouterr().out.split("\n", maxsplit=1)
    assert turn.endswith("is under way.")  # these tests
    assert said.startswith(f"  page   {machine.PAGE_URL}/\n")
    logins = [f"{one.owner_email}   password  {password_of(one)}" for one in RESTAURANTS]
    places = [said.index(text) for text in (f"site   {flux.platform.site_url}/", *logins, "HEALTH", "LAYER")]
    assert places == sorted(places)
    # A stranger's name on the internet is nowhere beside a password, and outputs are asked for by name.
    assert "cloudfront.net" not in said
    assert "ExportsOutput" not in said
