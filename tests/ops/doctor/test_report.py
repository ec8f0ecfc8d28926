from flux_infra.environments import PROD
from ops.doctor import (
    api_throttle,
    bootstrap,
)
from ops.doctor.check import Row, State, missing, ok, unknown
from ops.doctor.report import as_text, stops
from tests.ops.doctor.stubs import Refusal, account_of, answering, found


def test_what_the_account_refuses_to_say_is_not_known_and_never_ok() -> None:
    account = account_of(PROD)
    with answering(account.apis, ("get_account", Refusal("AccessDeniedException"))):
        answer = found(account, api_throttle.checks, "API Gateway throttle")
    assert answer.state is State.UNKNOWN
    assert "GetAccount answered AccessDeniedException" in answer.present


def test_only_what_stops_a_deployment_ends_with_an_error() -> None:
    fine = Row(what="a", needed="b", answer=ok("b"))
    unsure = Row(what="c", needed="d", answer=unknown("nobody says"))
    gone = Row(what="e", needed="f", answer=missing("none", "make one"))
    assert not stops([fine, unsure])
    assert stops([fine, unsure, gone])
    page = as_text([fine, unsure, gone])
    assert "MISSING         e  needed: f; present: none\n                what to do: make one" in page
    assert "not known here  c" in page
    assert "A deployment would fail. 1 ok, 1 missing, 0 to do, 1 not known here." in page


def test_the_bootstrap_that_is_needed_is_that_of_the_pinned_cli() -> None:
    assert bootstrap.pinned_version() > bootstrap.LEAST_VERSION
