"""The server refuses any ministack but its own."""

import socket

import pytest

from local_aws.expectations import StartError, check, check_version

from .emulator import run_python, state_folder


def test_a_name_that_is_gone_is_refused_by_name() -> None:
    with pytest.raises(StartError, match=r"json\.no_such_name: expected this name to exist"):
        check(["json:no_such_name"])


def test_a_module_that_is_gone_is_refused_by_name() -> None:
    with pytest.raises(StartError, match=r"expected the module no_such_module"):
        check(["no_such_module:anything"])


def test_changed_parameters_are_refused_with_what_was_expected_and_found() -> None:
    with pytest.raises(StartError, match=r"textwrap\.indent: expected .*\(text\), found .*\(text, prefix, predicate\)"):
        check(["textwrap:indent(text)"])


def test_every_unmet_expectation_is_named_at_once() -> None:
    with pytest.raises(StartError, match=r"(?s)json\.first.*json\.second"):
        check(["json:first", "json:second"])


def test_met_expectations_pass() -> None:
    check(["textwrap:indent(text, prefix, predicate)"])


def test_another_version_is_refused_with_the_remedy() -> None:
    with pytest.raises(StartError, match=r"expected exactly 9\.9\.9, found 1\.5\.33.*uv\.lock"):
        check_version("9.9.9")


def test_the_server_refuses_to_start_when_a_patched_name_is_gone() -> None:
    code = """
import os
os.environ["MINISTACK_HOST"] = "localhost"
import ministack.services.rds as rds
del rds._instances
from local_aws.__main__ import main
main()
"""
    with state_folder() as state:
        finished = run_python(code, "--port=0", f"--state={state}")
    assert finished.returncode == 2
    assert "ministack.services.rds._instances: expected this name to exist" in finished.stderr
    assert "Traceback" not in finished.stderr


@pytest.mark.parametrize(
    ("argument", "why"),
    [
        ("--port=80", "--port=80: must be a port number from 1024 to 65535, or 0 for any free one"),
        ("--state=here", "--state=here: must be the absolute path of a folder to write in"),
        ("--python=/no/python", "--python=/no/python: must be an executable Python 3.13"),
    ],
)
def test_a_setting_that_cannot_be_used_is_named_with_the_rule(argument: str, why: str) -> None:
    finished = run_python("from local_aws.__main__ import main; main()", "--port=0", "--state=/var/tmp", argument)
    assert (finished.returncode, finished.stderr) == (2, f"local-aws: {why}\n")


def test_a_port_that_is_taken_is_named() -> None:
    with state_folder() as state, socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        finished = run_python("from local_aws.__main__ import main; main()", f"--port={port}", f"--state={state}")
    assert finished.returncode == 2
    assert f"--port={port}: another program has it" in finished.stderr
