"""The overlay refuses any ministack but its own. ministack is only in the emulator's environment, so some run there."""

import pytest

from local_aws.expectations import Expectation, OverlayError, check, check_version

from .overlay_server import run_in_emulator, state_folder


def test_a_name_that_is_gone_is_refused_by_name() -> None:
    with pytest.raises(OverlayError, match=r"json\.no_such_name: expected this name to exist"):
        check([Expectation(module="json", symbol="no_such_name")])


def test_a_module_that_is_gone_is_refused_by_name() -> None:
    with pytest.raises(OverlayError, match=r"expected the module no_such_module"):
        check([Expectation(module="no_such_module", symbol="anything")])


def test_changed_parameters_are_refused_with_what_was_expected_and_found() -> None:
    with pytest.raises(
        OverlayError, match=r"textwrap\.indent: expected parameters \(text\), found \(text, prefix, pred"
    ):
        check([Expectation(module="textwrap", symbol="indent", parameters=("text",))])


def test_every_unmet_expectation_is_named_at_once() -> None:
    with pytest.raises(OverlayError, match=r"(?s)json\.first.*json\.second"):
        check([Expectation(module="json", symbol="first"), Expectation(module="json", symbol="second")])


def test_met_expectations_pass() -> None:
    check([Expectation(module="json", symbol="JSONDecoder.decode", parameters=("self", "s", "_w"))])


def test_an_environment_without_ministack_is_refused() -> None:
    with pytest.raises(OverlayError, match=r"expected exactly 1\.5\.33, found not installed"):
        check_version()


def test_another_version_is_refused_with_the_remedy() -> None:
    code = "from local_aws import expectations; expectations.check_version('9.9.9')"
    with state_folder() as state:
        finished = run_in_emulator(code, state)
    assert finished.returncode == 1
    assert "expected exactly 9.9.9, found 1.5.33" in finished.stderr
    assert "local/uv.lock" in finished.stderr


def test_the_server_refuses_to_start_when_a_patched_name_is_gone() -> None:
    code = """
import sys
from local_aws import server
from local_aws.settings import settings
server.configure_ministack(settings())
import ministack.services.rds as rds
del rds._instances
sys.exit(server.main())
"""
    with state_folder() as state:
        finished = run_in_emulator(code, state)
    assert finished.returncode == 2
    assert "ministack.services.rds._instances: expected this name to exist" in finished.stderr
    assert "Traceback" not in finished.stderr
